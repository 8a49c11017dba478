import { LockMode } from '@mikro-orm/postgresql';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import {
  findWorkspaceByAddress,
  getMailIdentity,
  itemNotFound,
  linkNotDue,
  mintLink,
  mintStopLink,
  prepareMail,
  prepareSummary,
  type CustomerMail,
  type LinkKind,
  type MailIdentity,
  type MailPurpose,
  type PreparedMail,
} from '@sportello/contracts';
import { Refusal, uuidv7, type App, type Clock, type RandomBytes } from '@sportello/kernel';
import { bounceAddress, composeMail, domainOf, makeMessageId, makeToken, type OutgoingMail } from '@sportello/mail';
import { type OutboxRelay } from '@sportello/messaging';
import { inWorkspace, type Database } from '@sportello/persistence';
import {
  CLIENT,
  CLOCK,
  CONFIG,
  DATABASE,
  flushWithEvents,
  RANDOM,
  RELAY,
  ServiceLog,
  STORAGE,
  type Config,
  type OperationClient,
} from '@sportello/service';
import { type Storage } from '@sportello/storage';
import { type Kysely } from 'kysely';
import { bounceNotification } from '../bounce/bounce.queries.js';
import { type DirectoryTables } from '../directory/directory.queries.js';
import { switchedOff } from '../item/app.subscriptions.js';
import { plainAddress } from '../item/audience.js';
import { Item } from '../item/item.entity.js';
import { wordingOf } from '../template/liquid.js';
import { templateOf, type TemplateTables } from '../template/template.queries.js';
import { type Carrier } from './carrier.js';
import { letterOf, linkLetterOf, summaryLetterOf } from './letter.js';
import { OutboundMail } from './outbound.entity.js';
import { takeDue, type TakenMail } from './outbound.queries.js';
import { signed } from './signature.js';

/** Under which name Nest finds where finished mails go. */
export const CARRIER = Symbol('CARRIER');

/** Taken and sent side by side: twice the carrier's connections, so that one prepares while another sends. */
const batch = 8;
/** Where a wake-up was lost, or another replica wrote the row. */
const sweepMilliseconds = 2000;

/** A mail that is ready to go out. */
interface Ready {
  letter: OutgoingMail;
  identity: MailIdentity;
  address: string;
  bounceToken: string | null;
}

/** Sends what is due: asks what to say, composes, signs, hands over, and remembers how it went. */
@Injectable()
export class OutboundJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new ServiceLog('notifications', 'Outbound mail');
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();
  #rouse: () => void = () => undefined;
  #roused = false;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(RELAY) private readonly relay: OutboxRelay,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: RandomBytes,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CARRIER) private readonly carrier: Carrier,
  ) {}

  onApplicationBootstrap(): void {
    this.#loop = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#loop;
    this.carrier.close();
  }

  /** Something may be due. */
  wake(): void {
    this.#roused = true;
    this.#rouse();
  }

  /** Sends what is due at a moment. @returns how many mails were taken */
  async work(now: Date): Promise<number> {
    const taken = await takeDue(this.database.systemPool, now, batch);
    await Promise.all(taken.map((mail) => this.#send(mail)));
    return taken.length;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#roused = false;
      try {
        if (await this.work(this.clock.now())) continue;
      } catch (error) {
        this.#log.error(saidOf(error), 'Looking for mail to send failed');
      }
      if (this.#roused || this.#stopped) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, sweepMilliseconds);
        this.#rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async #send(taken: TakenMail): Promise<void> {
    try {
      const mail = await this.#read(taken);
      if (!mail) return;
      const ready = await this.#prepare(mail);
      if ('drop' in ready) {
        await this.#write(taken, (row, now) => row.dropped(ready.drop, now));
        return;
      }
      const raw = await signed(await composeMail(ready.letter), ready.identity, ready.letter.date);
      const { address, bounceToken } = ready;
      const { inboundAddress } = ready.identity;
      const begun = await this.#write(taken, (row, now) => {
        row.address = address;
        row.starts({ mailId: ready.letter.messageId, bounceToken }, now);
      });
      if (!begun) return;
      const from = bounceToken ? bounceAddress({ token: bounceToken, inboundAddress }) : inboundAddress;
      const outcome = await this.carrier.carry(taken.id, { from, to: address }, raw);
      await this.#write({ ...taken, lease: begun }, (row, now) => {
        if (outcome.kind === 'sent') row.arrived(now);
        else if (outcome.kind === 'never') row.bounced(outcome.detail, now);
        else row.putOff(outcome.detail, now);
      });
    } catch (error) {
      await this.#failed(taken, error as Error);
    }
  }

  /** Not the other server's doing: an address that is none is final, all else may be over in a minute. */
  async #failed(taken: TakenMail, error: Error): Promise<void> {
    const mail = { mail: taken.id, workspace: taken.workspaceId };
    this.#log.warn({ ...mail, ...saidOf(error) }, 'A mail could not be sent');
    try {
      await this.#write(taken, (row, now) =>
        error instanceof RangeError ? row.bounced(error.message, now) : row.putOff(error.message, now),
      );
    } catch (again) {
      // The database is not there: the lease ends, and somebody tries once more.
      this.#log.error({ ...mail, ...saidOf(again) }, 'How a mail went could not be written down; trying again');
    }
  }

  /** What to send, as of this moment, or why not. */
  async #prepare(mail: OutboundMail): Promise<Ready | { drop: string }> {
    const identity = await this.client.callAsSelf(getMailIdentity, {}, mail.workspaceId);
    if (mail.isLink) return this.#link(mail, identity);
    if (!identity.apps.includes(await this.#appOf(mail))) return { drop: switchedOff };
    if (await this.#wouldLoop(mail)) return { drop: 'The address is one of a desk here.' };
    if (mail.alsoItemIds.length) return this.#summary(mail, identity);
    return this.#letter(mail, identity);
  }

  async #letter(mail: OutboundMail, identity: MailIdentity): Promise<Ready | { drop: string }> {
    const { workspaceId, itemId, messageId = null, address: recipient, userId = null } = mail;
    const prepared = await this.client
      .callAsSelf(
        prepareMail,
        {
          itemId: itemId as string,
          messageId,
          purpose: mail.purpose as MailPurpose,
          recipient,
          userId,
          occasion: messageId ? null : mail.occasion,
        },
        workspaceId,
      )
      .catch(unless(itemNotFound.code));
    if (!prepared?.wanted) return { drop: 'It was deleted meanwhile, or the recipient may no longer see it.' };
    const files = new Map<string, Buffer>();
    for (const file of prepared.files) files.set(file.id, await this.storage.read(workspaceId, file.hash));
    const [wording, timeZone] = await this.#words(mail, prepared, identity);
    const publicUrl = this.config.PUBLIC_URL.replace(/\/$/, '');
    const person = mail.stoppable;
    const stop =
      person && (await this.client.callAsSelf(mintStopLink, { person, itemId: itemId as string }, workspaceId));
    const stopUrl = stop && `${publicUrl}${stop.path}`;
    const letter = letterOf({ mail, prepared, identity, wording, timeZone, publicUrl, files, stopUrl });
    return { letter, identity, address: recipient, bounceToken: prepared.bounceToken };
  }

  /** The link is asked for now and is nowhere kept: no queue and no event holds a secret. */
  async #link(mail: OutboundMail, identity: MailIdentity): Promise<Ready | { drop: string }> {
    const link = await this.client
      .callAsSelf(mintLink, { kind: mail.purpose as LinkKind, id: mail.subjectId as string }, mail.workspaceId)
      .catch(unless(linkNotDue.code));
    if (!link) return { drop: 'The link was used, withdrawn or is too old.' };
    const letter = linkLetterOf(mail, link, identity, this.#ids(mail, identity));
    return { letter, identity, address: link.to, bounceToken: mail.bounceToken ?? makeToken(this.random(16)) };
  }

  #appOf({ workspaceId, itemId: id }: OutboundMail): Promise<App> {
    return inWorkspace(
      this.database.orm,
      workspaceId,
      async (em) => (await em.findOneOrFail(Item, { workspaceId, id: id as string })).app,
    );
  }

  /**
   * One mail for all that a bulk change did to what the recipient may see. Nothing in it stops further mails: that is a wish about one item, and one
   * click of a mail program would either stop one of forty or all of them.
   */
  async #summary(mail: OutboundMail, identity: MailIdentity): Promise<Ready | { drop: string }> {
    const { workspaceId, itemId, alsoItemIds, address: recipient, userId = null } = mail;
    const itemIds = [itemId as string, ...alsoItemIds];
    const prepared = await this.client.callAsSelf(prepareSummary, { itemIds, recipient, userId }, workspaceId);
    if (!prepared.count) return { drop: 'It was deleted meanwhile, or the recipient may no longer see it.' };
    const letter = summaryLetterOf(mail, prepared, identity, this.#ids(mail, identity));
    return { letter, identity, address: recipient, bounceToken: mail.bounceToken ?? makeToken(this.random(16)) };
  }

  /** What is ours to give where tickets gives no ids: made once, the same when it is sent again. */
  #ids(mail: OutboundMail, identity: MailIdentity) {
    const domain = domainOf(identity.inboundAddress);
    const messageId = mail.mailId ?? makeMessageId({ random: this.random(16), domain });
    return { messageId, publicUrl: this.config.PUBLIC_URL.replace(/\/$/, ''), date: mail.createdAt };
  }

  /** The words of a mail that goes to a customer by itself, and the time zone in which the workspace reads a clock. */
  async #words(mail: OutboundMail, prepared: PreparedMail, identity: MailIdentity) {
    const { workspaceId } = mail;
    return inWorkspace(this.database.orm, workspaceId, async (em) => {
      const db = em.getKysely() as unknown as Kysely<TemplateTables & DirectoryTables>;
      const zone = await db
        .selectFrom('workspace')
        .select('time_zone')
        .where('workspace_id', '=', workspaceId)
        .executeTakeFirst();
      const timeZone = zone?.time_zone ?? 'UTC';
      if (!mail.automatic) return [null, timeZone] as const;
      const template = await templateOf(db, workspaceId, mail.purpose as CustomerMail, prepared.language);
      const { number, title, typeName: type, statusName: status } = prepared;
      const wording = wordingOf(template, {
        item: { number, title, type, status },
        requester: { name: prepared.requesterName },
        workspace: { name: identity.name },
      });
      return [wording, timeZone] as const;
    });
  }

  /** Nothing goes to an address of the workspace itself; what no person wrote goes to no other desk of this installation either. */
  async #wouldLoop({ address, workspaceId, automatic }: OutboundMail): Promise<boolean> {
    const { data } = await this.client.callAsSelf(findWorkspaceByAddress, { addresses: [plainAddress(address)] }, null);
    return data.some(({ id }) => automatic || id === workspaceId);
  }

  #read({ workspaceId, id, lease }: TakenMail): Promise<OutboundMail | null> {
    return inWorkspace(this.database.orm, workspaceId, (em) =>
      em.findOne(OutboundMail, { workspaceId, id, dueAt: lease }),
    );
  }

  /**
   * Changes the mail that this worker holds, in a transaction of its own, and tells of it.
   * @returns the lease as it is now; null where another worker took the mail over
   */
  async #write(
    { workspaceId, id, lease }: TakenMail,
    change: (mail: OutboundMail, now: Date) => void,
  ): Promise<Date | null> {
    const now = this.clock.now();
    const actor = { kind: 'service', service: 'notifications', workspace: workspaceId, onBehalfOf: null } as const;
    let events = 0;
    const held = await inWorkspace(this.database.orm, workspaceId, async (em) => {
      const where = { workspaceId, id, dueAt: lease };
      const mail = await em.findOne(OutboundMail, where, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!mail) return null;
      change(mail, now);
      if (mail.state === 'bounced' || mail.state === 'failed') {
        const reader = { workspaceId, db: <T>() => em.getKysely() as unknown as Kysely<T> };
        const notification = await bounceNotification(reader, mail, { id: uuidv7(now, this.random), now });
        if (notification) em.persist(notification);
      }
      ({ events } = await flushWithEvents(em, actor, now, this.random));
      return mail.dueAt;
    });
    if (events) this.relay.wake();
    return held;
  }
}

/** Of an error what may stand in the log: what else it carries (a query's values, a mail) is nobody's there. */
function saidOf(error: unknown): { error: string; code?: string } {
  const { message, code } = error as Error & { code?: string };
  return { error: message, code: error instanceof Refusal ? error.definition.code : code };
}

/** Null for one declared refusal; anything else goes on. */
function unless(code: string): (error: unknown) => null {
  return (error) => {
    if (error instanceof Refusal && error.definition.code === code) return null;
    throw error;
  };
}
