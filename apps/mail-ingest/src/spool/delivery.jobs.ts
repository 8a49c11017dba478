import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  confirmForwarding,
  findWorkspaceByAddress,
  receiveMail,
  reportBounce,
  resolveSender,
  type MailFile,
  type MailWorkspace,
  type ReceiveMail,
  type Sender,
} from '@sportello/contracts';
import { uuidv7, type Clock, type RandomBytes } from '@sportello/kernel';
import {
  DEFAULT_LIMITS,
  normaliseAddress,
  runSteps,
  sameAddress,
  splitTag,
  type Attachment,
  type AuthenticationSummary,
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
import { Authenticator } from './authentication.queries.js';
import { type Ending, type SpooledMail } from './spool.queries.js';

/** Of a test mail, in its subject: `[test 7f3k…]`. */
const testToken = /\[test ([a-z2-7]{26})\]/;

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
  ) {}

  /**
   * Delivers a mail. Doing it again changes nothing.
   * @throws Refusal or Error when it cannot be done now; the mail stays in the spool
   */
  async deliver(mail: SpooledMail): Promise<Ending> {
    const raw = await this.storage.read(mail.workspace_id, mail.raw_hash);
    const envelope = { from: mail.no_return_path ? null : (mail.envelope_from ?? undefined), to: mail.envelope_to };
    const workspace = await this.#workspaceOf(mail);
    const fileIds = new Map<Attachment, string>();
    let sender: Sender | null = null;
    let read: ParsedMail | null = null;
    const idOf = (file: Attachment) => {
      const id = fileIds.get(file) ?? uuidv7(this.clock.now(), this.random);
      fileIds.set(file, id);
      return id;
    };
    const outcome = await runSteps({
      raw,
      envelope,
      limits: DEFAULT_LIMITS,
      own: { workspaceId: mail.workspace_id, mailDomain: this.config.MAIL_DOMAIN },
      facts: {
        authentication: async (parsed) => {
          read = parsed;
          return this.#authenticate(mail, raw);
        },
        workspace: async () => workspace && { ownAddresses: workspace.ownAddresses },
        sender: async (address) => {
          const from = [read?.from, read?.sender, ...(read?.replyTo ?? [])].find(
            (each) => each && sameAddress(each.address, address),
          );
          sender = await this.#resolve(mail, address, from?.name ?? '');
          return { kind: sender.kind, id: sender.id, organizationId: sender.organizationId };
        },
        fileUrl: (file) => `/api/v1/files/${idOf(file)}`,
      },
    });
    if (workspace) await this.#noteArrival(mail, workspace, read);
    return this.#conclude(mail, outcome, sender, idOf, read);
  }

  async #conclude(
    mail: SpooledMail,
    outcome: MailOutcome & { step: string },
    sender: Sender | null,
    idOf: (file: Attachment) => string,
    read: ParsedMail | null,
  ): Promise<Ending> {
    const about = {
      step: outcome.step,
      from: read?.from?.address ?? mail.envelope_from,
      subject: read?.subject ?? null,
    };
    if (outcome.outcome === 'deliver') {
      if (await this.#isTest(mail, outcome.delivery.mail)) {
        return { ...about, state: 'done', code: 'test', reason: 'A test mail of this workspace arrived.' };
      }
      return { ...about, ...(await this.#receive(mail, outcome.delivery, sender as Sender, idOf)) };
    }
    const { code, text: reason } = outcome.reason;
    if (outcome.outcome === 'quarantine') return { ...about, state: 'quarantined', code, reason };
    if (outcome.outcome === 'bounce') await this.#report(mail, outcome);
    if (outcome.outcome === 'confirmation') await this.#keepConfirmation(mail, outcome);
    // A test mail is of our own making, so it ends at the step that stops our own mail.
    if (outcome.outcome === 'nothing' && (await this.#isTest(mail, null)))
      return { ...about, state: 'done', code: 'test', reason: 'A test mail of this workspace arrived.' };
    return { ...about, state: 'done', code, reason };
  }

  async #receive(mail: SpooledMail, delivery: Delivery, sender: Sender, idOf: (file: Attachment) => string) {
    const { forwarded, mail: parsed } = delivery;
    const requester = forwarded ? await this.#resolve(mail, forwarded.from.address, forwarded.from.name) : sender;
    const files: MailFile[] = [];
    for (const file of [...parsed.attachments, ...(forwarded?.attachments ?? [])]) {
      const { hash, size } = await this.storage.write(mail.workspace_id, file.content, DEFAULT_LIMITS.bytes);
      const { filename: name, contentType, contentId, inline } = file;
      files.push({
        id: idOf(file),
        hash,
        size,
        name: name.slice(0, 255),
        contentType: contentType.slice(0, 255),
        contentId: contentId?.slice(0, 500) ?? null,
        inline,
      });
    }
    const input: ReceiveMail = {
      mailKey: createHash('sha256').update(delivery.key).digest('hex'),
      contentHash: parsed.contentHash,
      messageId: parsed.messageId?.slice(0, 998) ?? null,
      references: parsed.references.map((id) => id.slice(0, 998)).slice(0, 200),
      replyTokens: delivery.tokens.reply.slice(0, 100),
      numberTag: delivery.tokens.number,
      subject: (forwarded?.subject ?? parsed.fullSubject ?? parsed.subject).slice(0, 4000),
      sentAt: (parsed.date ?? mail.received_at).toISOString(),
      sender: requester,
      to: mailboxes(parsed.to),
      cc: mailboxes(parsed.cc),
      body: delivery.body,
      files,
      answerable: delivery.answerable && !forwarded,
      authenticationFailed: delivery.authentication.failed,
      authentication: { ...delivery.authentication },
      rawHash: mail.raw_hash,
      forwarded: forwarded !== null,
      released: mail.released,
    };
    const received = await this.client.callAsSelf(receiveMail, input, mail.workspace_id);
    const set = received.verdict === 'quarantine';
    return {
      state: set ? ('quarantined' as const) : ('done' as const),
      code: set ? 'unverified' : received.verdict,
      reason: received.reason,
    };
  }

  async #resolve(mail: SpooledMail, email: string, name: string): Promise<Sender> {
    const shown = name.trim() || (email.split('@')[0] as string);
    return this.client.callAsSelf(
      resolveSender,
      { email: normaliseAddress(email), name: shown.slice(0, 200) },
      mail.workspace_id,
    );
  }

  async #workspaceOf(mail: SpooledMail): Promise<MailWorkspace | null> {
    const addresses = [
      ...new Set(mail.envelope_to.map((address) => normaliseAddress(splitTag(address).address))),
    ].slice(0, 100);
    const { data } = await this.client.callAsSelf(findWorkspaceByAddress, { addresses }, null);
    return data.find(({ id }) => id === mail.workspace_id) ?? null;
  }

  #authenticate(mail: SpooledMail, raw: Buffer): Promise<AuthenticationSummary> {
    const transport = { address: mail.client_address, name: mail.client_name, sender: mail.envelope_from };
    return this.authenticator.check(raw, transport, false);
  }

  async #report(
    mail: SpooledMail,
    { bounce, tokens, reason }: Extract<MailOutcome, { outcome: 'bounce' }>,
  ): Promise<void> {
    const [first] = bounce.recipients.filter(({ action }) => action !== 'delivered');
    if (!first) return;
    await this.client.callAsSelf(
      reportBounce,
      {
        token: tokens.bounce[0] ?? null,
        originalMessageId: bounce.originalMessageId?.slice(0, 998) ?? null,
        recipient: /^[^\s@]+@[^\s@]+$/.test(first.address) ? first.address : null,
        status: first.status?.slice(0, 20) ?? null,
        hard: first.hard,
        diagnostic: (first.diagnostic || reason.text).slice(0, 1000),
      },
      mail.workspace_id,
    );
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

  /** A mail that names a forwarded address among its recipients proves that the forwarding works. */
  async #noteArrival(mail: SpooledMail, workspace: MailWorkspace, read: ParsedMail | null): Promise<void> {
    const named = [
      ...mail.envelope_to,
      ...[...(read?.to ?? []), ...(read?.cc ?? [])].map(({ address }) => address),
    ].map(normaliseAddress);
    for (const address of workspace.ownAddresses) {
      if (!sameAddress(address, workspace.inboundAddress) && named.some((each) => sameAddress(each, address))) {
        await this.client.callAsSelf(confirmForwarding, { address }, mail.workspace_id);
      }
    }
  }

  async #isTest(mail: SpooledMail, parsed: ParsedMail | null): Promise<boolean> {
    const subject =
      parsed?.subject ??
      (await this.storage.read(mail.workspace_id, mail.raw_hash)).subarray(0, 16_384).toString('latin1');
    const token = testToken.exec(subject)?.[1];
    if (!token) return false;
    const { rowCount } = await this.database.systemPool.query(
      'update test set arrived_at = coalesce(arrived_at, $3) where workspace_id = $1 and token = $2',
      [mail.workspace_id, token, this.clock.now()],
    );
    return (rowCount ?? 0) > 0;
  }
}

const mailboxes = (all: ParsedMail['to']) =>
  all
    .filter(({ address }) => address.length <= 320 && /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(address))
    .slice(0, 200)
    .map(({ name, address }) => ({ name: name.slice(0, 200), address }));
