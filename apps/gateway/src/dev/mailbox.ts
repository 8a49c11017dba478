import { readFile } from 'node:fs/promises';
import { type FastifyInstance, type FastifyReply } from 'fastify';
import { createTransport } from 'nodemailer';
import { readDemo } from './demo.js';
import { Letters, mailboxes, type Letter } from './letters.js';
import { mailboxPage, replySubject, type Person } from './mailbox.page.js';

/** No script but ours, from its file; a mail's own styles and embedded images show; nothing is fetched for a mail. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
const largestFile = 25 * 1024 * 1024;

interface Query {
  as?: string;
  mail?: string;
  write?: string;
  notice?: string;
}

/** `/dev/mailbox`: a small mail client for the demo people. What they write goes by real SMTP, as a customer's mail would. */
export async function serveMailbox(
  scope: FastifyInstance,
  folder: string,
  smtpPort: number | undefined,
): Promise<void> {
  const letters = new Letters(folder);
  const asset = (name: string) => readFile(new URL(`./${name}`, import.meta.url), 'utf8');
  const [style, script] = await Promise.all([asset('mailbox.css'), asset('mailbox.client.js')]);

  const people = async (): Promise<Person[]> => {
    const demo = await readDemo(folder);
    const known: Person[] = [
      ...(demo?.customers ?? []).map(({ name, email, organization }) => ({
        ...{ name, email, group: 'Customers' as const, about: organization },
      })),
      ...(demo?.users ?? []).map(({ name, email, role }) => ({ name, email, group: 'Team' as const, about: role })),
    ];
    const others = (await letters.addresses()).filter((email) => !known.some((each) => each.email === email));
    return [...known, ...others.map((email) => ({ name: email, email, group: 'Others' as const, about: '' }))];
  };

  scope.get<{ Querystring: Query }>('/mailbox', async ({ query }, reply) => {
    const everybody = await people();
    const me = everybody.find(({ email }) => email === query.as) ?? everybody[0] ?? null;
    const mine = me ? await letters.to(me.email) : [];
    const open = mine.find(({ id }) => id === query.mail) ?? (query.write === 'new' ? null : (mine[0] ?? null));
    const support = (await readDemo(folder))?.address ?? null;
    const writing = query.write === 'new' || query.write === 'reply' ? query.write : null;
    const notice = query.notice === 'sent' ? 'Sent. The answer will show up here by itself.' : null;
    return html(
      reply,
      mailboxPage({ everybody, me, mine, open, support, writing, notice, canSend: smtpPort !== undefined }),
    );
  });

  scope.get('/mailbox/mailbox.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(style));
  scope.get('/mailbox/mailbox.client.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(script),
  );

  /** What the page asks every second: the id of the newest mail. */
  scope.get<{ Querystring: Query }>('/mailbox/newest', async ({ query }) => ({
    newest: (await letters.to(query.as ?? ''))[0]?.id ?? '',
  }));

  scope.get<{ Params: { id: string; place: string } }>('/mailbox/:id/files/:place', async ({ params }, reply) => {
    const attachment = (await letters.find(params.id))?.mail.attachments[Number(params.place)];
    if (!attachment) return reply.callNotFound();
    const name = encodeURIComponent(attachment.filename ?? 'attachment');
    // Never shown in place: what a mail brings is nobody's page.
    void reply.header('Content-Disposition', `attachment; filename*=UTF-8''${name}`);
    return reply.type('application/octet-stream').send(attachment.content);
  });

  scope.post('/mailbox/send', async (request, reply) => {
    if (smtpPort === undefined)
      return reply.code(503).send({ code: 'service_unavailable', title: 'SMTP_PORT is not set.' });
    const form = new Map<string, string>();
    const files: { filename: string; contentType: string; content: Buffer }[] = [];
    for await (const part of request.parts({ limits: { fileSize: largestFile, files: 20 } })) {
      if (part.type === 'field') form.set(part.fieldname, String(part.value));
      else {
        const content = await part.toBuffer();
        if (part.filename) files.push({ filename: part.filename, contentType: part.mimetype, content });
      }
    }
    const me = (await people()).find(({ email }) => email === form.get('as'));
    if (!me) return reply.code(400).send({ code: 'invalid_input', title: 'There is nobody of this address.' });
    const answered = form.get('mail') ? await letters.find(form.get('mail') as string) : null;
    const support = (await readDemo(folder))?.address;
    const to = answered ? replyTo(answered) : support;
    if (!to) return reply.code(400).send({ code: 'invalid_input', title: 'There is no address to write to yet.' });
    const transport = createTransport({ host: '127.0.0.1', port: smtpPort, secure: false, ignoreTLS: true });
    await transport.sendMail({
      from: { name: me.name === me.email ? '' : me.name, address: me.email },
      to,
      subject: form.get('subject') || (answered ? replySubject(answered.mail.subject) : ''),
      text: form.get('text') ?? '',
      attachments: files,
      ...(answered?.mail.messageId && {
        inReplyTo: answered.mail.messageId,
        references: [...[answered.mail.references ?? []].flat(), answered.mail.messageId],
      }),
    });
    const back = new URLSearchParams({ as: me.email, notice: 'sent', ...(answered && { mail: answered.id }) });
    return reply.redirect(`/dev/mailbox?${back.toString()}`, 303);
  });
}

/** Where an answer goes, as every mail program decides it. */
function replyTo({ mail }: Letter): string | undefined {
  return (mailboxes(mail.replyTo)[0] ?? mailboxes(mail.from)[0])?.address;
}

function html(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .header('Content-Security-Policy', contentSecurityPolicy)
    .header('Cache-Control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page);
}
