import { Controller, Inject } from '@nestjs/common';
import {
  erasePerson,
  exportPerson,
  exportPersonFromMail,
  exportPersonFromNotifications,
  exportPersonFromTickets,
  lastAdministrator,
  notFound,
  type ExportPerson,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Database } from '@sportello/persistence';
import { Afterwards, CLIENT, DATABASE, Handles, type Context, type OperationClient } from '@sportello/service';
import { Customer } from '../customer/customer.entity.js';
import { forgetFailures } from '../entry/failed-sign-in.queries.js';
import { Password } from '../entry/password.entity.js';
import { Invitation } from '../invitation/invitation.entity.js';
import { LinkRequest } from '../link/link-request.entity.js';
import { endSessions, endTokens } from '../session/session.queries.js';
import { Epochs } from '../user/epochs.js';
import { User } from '../user/user.entity.js';
import { otherAdministrators } from '../user/user.queries.js';
import { lockWorkspace } from '../workspace/workspace.queries.js';
import { readAddresses, readOwnPart } from './person.queries.js';

/** What stands where a name was. */
const nobody = { en: 'Erased person', it: 'Persona cancellata', nb: 'Slettet person' };

@Controller()
export class PersonOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLIENT) private readonly client: OperationClient,
    private readonly epochs: Epochs,
  ) {}

  /** The other services hear of it by the event, as of every change of a person. */
  @Handles(erasePerson)
  async erase({ kind, id }: ExportPerson, ctx: Context) {
    const { language } = await lockWorkspace(ctx);
    if (kind === 'user') await this.eraseUser(ctx, id, nobody[language]);
    else {
      const customer = await ctx.load(Customer, id, notFound);
      if (!customer.erasedAt) customer.erase(nobody[language], ctx.now);
    }
    return {};
  }

  /** An export with a part missing fails as a whole. */
  @Handles(exportPerson)
  async export(person: ExportPerson, ctx: Context) {
    const identity = await readOwnPart(ctx, person);
    const known = { ...person, addresses: await readAddresses(ctx, person) };
    const { workspaceId, person: by } = ctx;
    return new Afterwards(async () => {
      const parts = [exportPersonFromTickets, exportPersonFromNotifications, exportPersonFromMail].map(
        async (operation) => (await this.client.callAsSelf(operation, known, workspaceId, by)).kept,
      );
      const [tickets = {}, notifications = {}, mail = {}] = await Promise.all(parts);
      return { identity, tickets, notifications, mail };
    });
  }

  private async eraseUser(ctx: Context, id: string, name: string): Promise<void> {
    const { workspaceId } = ctx;
    const user = await ctx.load(User, id, notFound);
    if (user.erasedAt) return;
    const isAdministrator = user.role === 'administrator' && user.active;
    if (isAdministrator && !(await otherAdministrators(ctx, id))) throw new Refusal(lastAdministrator);
    const email = user.email ?? '';
    user.erase(name, ctx.now);
    this.epochs.raise(ctx, user);
    await endSessions(ctx, id);
    await endTokens(ctx, id);
    await ctx.em.nativeDelete(Password, { workspaceId, id });
    await ctx.em.nativeDelete(LinkRequest, { workspaceId, userId: id });
    await ctx.em.nativeDelete(Invitation, { workspaceId, email });
    await forgetFailures(this.database, workspaceId, email);
  }
}
