import { Controller, Inject } from '@nestjs/common';
import {
  changeWorkspace,
  findWorkspaceByAddress,
  getMailIdentity,
  getWorkspace,
  notFound,
  notForwarded,
  removeDkim,
  renewInboundAddress,
  setDkim,
  switchApp,
  type ChangeWorkspace,
  type FindWorkspaceByAddress,
  type SetDkim,
  type SwitchApp,
} from '@sportello/contracts';
import { Refusal, secretWord } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { CONFIG, DATABASE, Handles, type Config, type Context } from '@sportello/service';
import { Epochs } from '../user/epochs.js';
import { DkimKey, makeDkimKey } from './dkim-key.entity.js';
import { ForwardedAddress } from './forwarded-address.entity.js';
import { inboundAddressOf, Workspace } from './workspace.entity.js';
import { findMailWorkspaces, readWorkspace } from './workspace.queries.js';

@Controller()
export class WorkspaceOperations {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    private readonly epochs: Epochs,
  ) {}

  @Handles(getWorkspace)
  get(_input: object, ctx: Context) {
    return readWorkspace(ctx);
  }

  @Handles(changeWorkspace)
  async change(change: ChangeWorkspace, ctx: Context) {
    const workspace = await ctx.load(Workspace, ctx.workspaceId, notFound);
    if (change.replyAddress) change.replyAddress = await ownAddress(ctx, change.replyAddress);
    workspace.change({ ...change });
    return () => readWorkspace(ctx);
  }

  @Handles(switchApp)
  async switchApp({ app, on }: SwitchApp, ctx: Context) {
    const workspace = await ctx.load(Workspace, ctx.workspaceId, notFound);
    if (workspace.switchApp(app, on)) await this.epochs.raiseAll(ctx);
    return () => readWorkspace(ctx);
  }

  @Handles(renewInboundAddress)
  async renewAddress(_input: object, ctx: Context) {
    const workspace = await ctx.load(Workspace, ctx.workspaceId, notFound);
    workspace.renewInboundAddress(inboundAddressOf(workspace.slug, secretWord(ctx.random), this.config.MAIL_DOMAIN));
    return () => readWorkspace(ctx);
  }

  @Handles(setDkim)
  async setDkim({ domain }: SetDkim, ctx: Context) {
    const { workspaceId, now, random } = ctx;
    await ctx.load(Workspace, workspaceId, notFound);
    const fresh = await makeDkimKey({ workspaceId, domain, secretKey: this.config.SECRET_KEY, now, random });
    const present = await ctx.em.findOne(DkimKey, { workspaceId });
    if (present) Object.assign(present, fresh);
    else ctx.add(fresh);
    return () => readWorkspace(ctx);
  }

  @Handles(removeDkim)
  async removeDkim(_input: object, ctx: Context) {
    const key = await ctx.em.findOne(DkimKey, { workspaceId: ctx.workspaceId });
    if (key) ctx.em.remove(key);
    return () => readWorkspace(ctx);
  }

  @Handles(findWorkspaceByAddress)
  async findByAddress({ addresses }: FindWorkspaceByAddress) {
    return { data: await findMailWorkspaces(this.database, addresses) };
  }

  @Handles(getMailIdentity)
  async mailIdentity(_input: object, { workspaceId, em }: Context) {
    const workspace = await em.findOne(Workspace, { workspaceId });
    if (!workspace) throw new Refusal(notFound);
    const { id, slug, name, language, inboundAddress, apps } = workspace;
    const key = await em.findOne(DkimKey, { workspaceId });
    return {
      ...{ id, slug, name, language, inboundAddress, apps },
      replyAddress: workspace.replyAddress ?? inboundAddress,
      dkimDomain: key?.domain ?? null,
      dkimSelector: key?.selector ?? null,
      dkimPrivateKey: key?.privateKey(this.config.SECRET_KEY) ?? null,
    };
  }
}

/** An address that has proved to lead here: under any other, mail could leave in somebody else's name. @throws Refusal `not_forwarded` */
async function ownAddress({ em, workspaceId }: Context, typed: string): Promise<string> {
  const address = normaliseAddress(typed);
  const known = await em.findOne(ForwardedAddress, { workspaceId, address });
  if (!known?.confirmedAt) throw new Refusal(notForwarded);
  return address;
}
