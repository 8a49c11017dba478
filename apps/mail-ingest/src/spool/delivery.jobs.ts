import { Inject, Injectable } from '@nestjs/common';
import {
  findWorkspaceByAddress,
  receiveMail,
  reportBounce,
  resolveSender,
  type MailFile,
  type MailWorkspace,
  type Sender,
} from '@sportello/contracts';
import { uuidv7, type Clock, type RandomBytes } from '@sportello/kernel';
import {
  DEFAULT_LIMITS,
  normaliseAddress,
  parseMail,
  runSteps,
  sameAddress,
  splitTag,
  type Attachment,
  type Delivery,
  type MailOutcome,
  type ParsedMail,
} from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import {
  CLIENT,
  CLOCK,
  CONFIG,
  DATABASE,
  RANDOM,
  STORAGE,
  type Config,
  type OperationClient,
} from '@sportello/service';
import { type Storage } from '@sportello/storage';
import { Forwarders } from '../forwarding/forwarders.js';
import { ownMailboxes } from '../imap/imap.queries.js';
import { noteArrival } from '../mail-test/mail-test.queries.js';
import { Authenticator } from './authentication.queries.js';
import { cut, isAddress, toReceived } from './received.js';
import { SetAside } from './set-aside.js';
import { type Ending, type SpooledMail } from './spool.queries.js';

/** A mail on its way: what was found out about it so far. */
interface Way {
  mail: SpooledMail;
  raw: Buffer;
  workspace: MailWorkspace | null;
  /** Null until the mail was read and is no machine's. */
  read: ParsedMail | null;
  sender: Sender | null;
  fileIds: Map<Attachment, string>;
}

/** As much of a broken mail as is looked at for its sender and subject. */
const glancedBytes = 64 * 1024;

/** Takes one mail through its steps, and hands it to whom it concerns. */
@Injectable()
export class MailDelivery {
  constructor(
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: RandomBytes,
    private readonly authenticator: Authenticator,
    private readonly forwarders: Forwarders,
  ) {}

  /**
   * Delivers a mail. Doing it again changes nothing.
   * @throws SetAside when it never can be; Refusal or Error when it cannot be now, and the mail stays in the spool
   */
  async deliver(mail: SpooledMail): Promise<Ending> {
    if (mail.size > DEFAULT_LIMITS.bytes) {
      const megabytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
      const [size, limit] = [megabytes(mail.size), megabytes(DEFAULT_LIMITS.bytes)];
      throw new SetAside('too_big', `The mail has ${size} MB; the limit is ${limit} MB.`);
    }
    const raw = await this.storage.read(mail.workspace_id, mail.raw_hash);
    const workspace = await this.#workspaceOf(mail);
    const way: Way = { mail, raw, workspace, read: null, sender: null, fileIds: new Map() };
    const outcome = await this.#walk(way);
    if (workspace) await this.forwarders.note(workspace, mail, way.read);
    return this.#conclude(way, outcome);
  }

  /** Sender and subject of a mail that may be broken, for the quarantine page. */
  async glance(mail: SpooledMail): Promise<Pick<Ending, 'from' | 'subject'>> {
    const unknown = { from: mail.envelope_from, subject: null };
    try {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of await this.storage.open(mail.workspace_id, mail.raw_hash)) {
        chunks.push(chunk as Buffer);
        length += (chunk as Buffer).length;
        if (length >= glancedBytes) break;
      }
      const start = Buffer.concat(chunks).subarray(0, glancedBytes);
      const ends = [start.indexOf('\r\n\r\n'), start.indexOf('\n\n')].filter((end) => end >= 0);
      const outcome = await parseMail(start.subarray(0, Math.min(start.length, ...ends)));
      if (!outcome.ok) return unknown;
      return { from: outcome.mail.from?.address ?? unknown.from, subject: outcome.mail.subject };
    } catch {
      return unknown;
    }
  }

  #walk(way: Way): Promise<MailOutcome & { step: string }> {
    const { mail, raw, workspace } = way;
    return runSteps({
      raw,
      envelope: { from: mail.no_return_path ? null : (mail.envelope_from ?? undefined), to: mail.envelope_to },
      limits: DEFAULT_LIMITS,
      own: { workspaceId: mail.workspace_id, mailDomain: this.config.MAIL_DOMAIN },
      facts: {
        authentication: (read) => {
          way.read = read;
          return this.authenticator.check(raw, mail, this.forwarders.confirmed(workspace, mail, read));
        },
        workspace: async () =>
          workspace && {
            ownAddresses: [
              ...workspace.ownAddresses,
              ...(await ownMailboxes(this.database.systemPool, mail.workspace_id)),
            ],
          },
        sender: async (address) => {
          const { read } = way;
          const named = [read?.from, read?.sender, ...(read?.replyTo ?? [])];
          const name = named.find((each) => each && sameAddress(each.address, address))?.name ?? '';
          way.sender = await this.#resolve(mail, address, name);
          const { kind, id, organizationId } = way.sender;
          return { kind, id, organizationId };
        },
        fileUrl: (file) => `/api/v1/files/${this.#idOf(way, file)}`,
      },
    });
  }

  async #conclude(way: Way, outcome: MailOutcome & { step: string }): Promise<Ending> {
    const { mail, raw, read } = way;
    const known = read ? { from: read.from?.address ?? mail.envelope_from, subject: read.subject } : null;
    const about = { step: outcome.step, ...(known ?? (await this.glance(mail))) };
    if (outcome.outcome === 'deliver' || outcome.outcome === 'nothing') {
      // A test mail is of our own making, so as a rule it ends at the step that stops our own mail.
      const arrived = await noteArrival(this.database.systemPool, mail, raw, this.clock.now());
      if (arrived) {
        await this.forwarders.confirm(mail.workspace_id, arrived);
        return { ...about, state: 'done', code: 'test', reason: 'A test mail of this workspace arrived.' };
      }
    }
    if (outcome.outcome === 'deliver') return { ...about, ...(await this.#receive(way, outcome.delivery)) };
    const { code, text: reason } = outcome.reason;
    if (outcome.outcome === 'quarantine') return { ...about, state: 'quarantined', code, reason };
    if (outcome.outcome === 'bounce') await this.#report(mail, outcome);
    if (outcome.outcome === 'confirmation') await this.#keepConfirmation(mail, outcome);
    return { ...about, state: 'done', code, reason };
  }

  async #receive(way: Way, delivery: Delivery): Promise<Pick<Ending, 'state' | 'code' | 'reason'>> {
    const { mail, sender, workspace } = way;
    const { forwarded, mail: parsed } = delivery;
    const author = sender as Sender;
    const authors = forwarded
      ? { requester: await this.#resolve(mail, forwarded.from.address, forwarded.from.name), forwarder: author }
      : { requester: author, forwarder: null };
    const files: MailFile[] = [];
    for (const file of [...parsed.attachments, ...(forwarded?.attachments ?? [])]) {
      const { hash, size } = await this.storage.write(mail.workspace_id, file.content, DEFAULT_LIMITS.bytes);
      const { filename, contentType, contentId, inline } = file;
      files.push({
        ...{ id: this.#idOf(way, file), hash, size, inline, name: cut(filename, 255) },
        ...{ contentType: cut(contentType, 255), contentId: contentId && cut(contentId, 500) },
      });
    }
    const input = toReceived(mail, delivery, authors, files, (workspace as MailWorkspace).language);
    const { outcome, verdict, reason } = await this.client.callAsSelf(receiveMail, input, mail.workspace_id);
    if (outcome === 'refused') return { state: 'quarantined', code: 'unverified', reason };
    return { state: 'done', code: outcome === 'duplicate' ? outcome : verdict, reason };
  }

  async #resolve(mail: SpooledMail, typed: string, name: string): Promise<Sender> {
    const email = normaliseAddress(typed);
    if (!isAddress(email))
      throw new SetAside('no_sender', `Nobody could be answered at its sender's address ${typed}.`);
    const shown = cut(name.trim() || (email.split('@')[0] as string), 200);
    return this.client.callAsSelf(resolveSender, { email, name: shown }, mail.workspace_id);
  }

  async #workspaceOf(mail: SpooledMail): Promise<MailWorkspace | null> {
    const plain = mail.envelope_to.map((address) => normaliseAddress(splitTag(address).address));
    const addresses = [...new Set(plain)].filter(isAddress).slice(0, 100);
    const { data } = await this.client.callAsSelf(findWorkspaceByAddress, { addresses }, null);
    return data.find(({ id }) => id === mail.workspace_id) ?? null;
  }

  #idOf({ fileIds }: Way, file: Attachment): string {
    const id = fileIds.get(file) ?? uuidv7(this.clock.now(), this.random);
    fileIds.set(file, id);
    return id;
  }

  async #report(
    mail: SpooledMail,
    { bounce, tokens, reason }: Extract<MailOutcome, { outcome: 'bounce' }>,
  ): Promise<void> {
    const [first] = bounce.recipients.filter(({ action }) => action !== 'delivered');
    if (!first) return;
    const input = {
      token: tokens.bounce[0] ?? null,
      originalMessageId: bounce.originalMessageId?.slice(0, 998) ?? null,
      recipient: isAddress(first.address) ? first.address : null,
      status: first.status?.slice(0, 20) ?? null,
      hard: first.hard,
      diagnostic: cut(first.diagnostic || reason.text, 1000),
    };
    await this.client.callAsSelf(reportBounce, input, mail.workspace_id);
  }

  async #keepConfirmation(
    mail: SpooledMail,
    { confirmation }: Extract<MailOutcome, { outcome: 'confirmation' }>,
  ): Promise<void> {
    const { provider, code, link, forwardedAddress } = confirmation;
    await this.database.systemPool.query(
      `insert into confirmation (workspace_id, id, provider, code, link, address, received_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
      [mail.workspace_id, mail.id, provider, code, link?.slice(0, 2000) ?? null, forwardedAddress, mail.received_at],
    );
  }
}
