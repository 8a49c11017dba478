import { htmlToText } from '@sportello/mail';
import { mailboxes, type Letter } from './letters.js';

/** Somebody whose mail can be read here. */
export interface Person {
  name: string;
  email: string;
  group: 'Customers' | 'Team' | 'Others';
  /** Organization or role. */
  about: string;
}

export interface MailboxState {
  everybody: Person[];
  me: Person | null;
  mine: Letter[];
  open: Letter | null;
  /** The workspace's own address; null before the demo workspace is made. */
  support: string | null;
  writing: 'new' | 'reply' | null;
  notice: string | null;
  canSend: boolean;
}

/** Markup that is safe to put into markup. */
class Html {
  constructor(readonly text: string) {}
}
type Value = string | number | Html | Html[] | null;

/** Escapes every value that is no markup itself. */
function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  const text = (value: Value): string => {
    if (value === null) return '';
    if (value instanceof Html) return value.text;
    return Array.isArray(value) ? value.map((each) => each.text).join('') : escape(String(value));
  };
  return new Html(
    parts.map((part, index) => part + (index < values.length ? text(values[index] ?? null) : '')).join(''),
  );
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] as string);
const address = (query: Record<string, string>): string => `/dev/mailbox?${new URLSearchParams(query).toString()}`;

export const replySubject = (subject = ''): string => (/^re:/i.test(subject) ? subject : `Re: ${subject}`);

/** The whole page: whose mail, which mails, the one that is open or being written. */
export function mailboxPage(state: MailboxState): string {
  const { me, notice } = state;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${me ? `Mailbox of ${me.name}` : 'Mailbox'} · Sportello development</title>
        <link rel="stylesheet" href="/dev/mailbox/mailbox.css" />
        <script src="/dev/mailbox/mailbox.client.js" defer></script>
      </head>
      <body data-as="${me?.email ?? ''}" data-newest="${state.mine[0]?.id ?? ''}" data-open="${state.open?.id ?? ''}">
        ${header(state)}
        <p class="notice" role="status">${notice}</p>
        ${me ? html`<div class="panes">${list(state, me)}${pane(state, me)}</div>` : nobody}
      </body>
    </html>`.text;
}

const nobody = html`<main class="empty">
  <h2>No mail yet</h2>
  <p>Once Sportello sends its first mail, you read it here.</p>
</main>`;

function header({ everybody, me, support, canSend }: MailboxState): Html {
  const group = (name: Person['group']): Html | null => {
    const people = everybody.filter((person) => person.group === name);
    const option = ({ name: label, email, about }: Person) =>
      html`<option value="${email}" ${email === me?.email ? new Html('selected') : null}>
        ${label}${about && ` · ${about}`}
      </option>`;
    return people.length ? html`<optgroup label="${name}">${people.map(option)}</optgroup>` : null;
  };
  const write = html`<a class="button" href="${address({ as: me?.email ?? '', write: 'new' })}">Write to support</a>`;
  return html`<header>
    <h1>Mailbox</h1>
    <form method="get" action="/dev/mailbox" class="who">
      <label for="as">You are</label>
      <select id="as" name="as">
        ${group('Customers')}${group('Team')}${group('Others')}
      </select>
      <button type="submit">Go</button>
    </form>
    ${me && support && canSend ? write : null}
  </header>`;
}

function list({ mine, open, writing }: MailboxState, me: Person): Html {
  const row = ({ id, mail }: Letter) =>
    html`<li>
      <a
        href="${address({ as: me.email, mail: id })}"
        ${id === open?.id && writing !== 'new' ? new Html('aria-current="true"') : null}
      >
        <span class="from">${senderOf(mail)}</span>
        <time datetime="${mail.date?.toISOString() ?? ''}">${shortTime(arrivedAt(id) ?? mail.date)}</time>
        <span class="subject">${mail.subject || '(no subject)'}</span>
        <span class="excerpt">${excerptOf(textOf(mail))}</span>
      </a>
    </li>`;
  return html`<nav aria-label="Mails">
    ${
      mine.length
        ? html`<ol>
            ${mine.map(row)}
          </ol>`
        : html`<p class="none">No mail for ${me.name} yet.</p>`
    }
  </nav>`;
}

function pane(state: MailboxState, me: Person): Html {
  const { open, writing, support } = state;
  if (writing === 'new' && support) return letterForm(me, { to: support, subject: '', text: '', mail: null });
  if (!open)
    return html`<main class="empty">
      <h2>Nothing to read</h2>
      <p>Write to support, then open the team's app: your mail is in its list.</p>
    </main>`;
  if (writing === 'reply') return letterForm(me, replyTo(open));
  return letter(state, open, me);
}

function letter({ canSend }: MailboxState, { id, mail }: Letter, me: Person): Html {
  const people = (name: string, header: Parameters<typeof mailboxes>[0]) => {
    const boxes = mailboxes(header);
    if (!boxes.length) return null;
    return html`<dt>${name}</dt>
      <dd>${boxes.map((box) => (box.name ? `${box.name} <${box.address}>` : box.address)).join(', ')}</dd>`;
  };
  const files = mail.attachments.map(({ filename, size, related }, place) =>
    related
      ? html``
      : html`<li>
          <a href="/dev/mailbox/${id}/files/${place}" download>${filename ?? 'attachment'}</a> ${kilobytes(size)}
        </li>`,
  );
  const reply = html`<a class="button" href="${address({ as: me.email, mail: id, write: 'reply' })}">Reply</a>`;
  return html`<main>
    <div class="title">
      <h2>${mail.subject || '(no subject)'}</h2>
      ${canSend ? reply : null}
    </div>
    <dl>
      ${people('From', mail.from)}${people('To', mail.to)}${people('Cc', mail.cc)}${people('Reply to', mail.replyTo)}
    </dl>
    ${
      files.some(({ text }) => text)
        ? html`<ul class="files">
            ${files}
          </ul>`
        : null
    }
    ${mail.html ? framed(mail.html) : html`<pre>${mail.text ?? ''}</pre>`}
  </main>`;
}

/** No scripts and no origin of ours: the sandbox lets links open elsewhere and nothing else. */
function framed(content: string): Html {
  const page = `<base target="_blank"><style>body{font:15px/1.55 system-ui,sans-serif;margin:16px;overflow-wrap:anywhere}img{max-width:100%}</style>${content}`;
  return html`<iframe
    title="The mail"
    sandbox="allow-popups allow-popups-to-escape-sandbox"
    referrerpolicy="no-referrer"
    srcdoc="${page}"
  ></iframe>`;
}

function letterForm(
  me: Person,
  { to, subject, text, mail }: { to: string; subject: string; text: string; mail: string | null },
): Html {
  const cancel = address({ as: me.email, ...(mail && { mail }) });
  return html`<main>
    <h2>${mail ? 'Reply' : 'Write to support'}</h2>
    <form method="post" action="/dev/mailbox/send" enctype="multipart/form-data" class="letter">
      <input type="hidden" name="as" value="${me.email}" />
      <input type="hidden" name="mail" value="${mail ?? ''}" />
      <p class="to"><span>To</span> ${to}</p>
      <label for="subject">Subject</label>
      <input id="subject" name="subject" value="${subject}" required maxlength="900" autocomplete="off" />
      <label for="text">Your mail</label>
      <textarea id="text" name="text" rows="14" required>${`\n${text}`}</textarea>
      <label for="files">Files</label>
      <input id="files" name="files" type="file" multiple />
      <p class="actions"><button type="submit" class="button">Send</button> <a href="${cancel}">Cancel</a></p>
    </form>
  </main>`;
}

/** What "Reply" starts from in every mail program: the answer address, the subject, the quoted text. */
function replyTo({ id, mail }: Letter): { to: string; subject: string; text: string; mail: string } {
  const [to] = [...mailboxes(mail.replyTo), ...mailboxes(mail.from)];
  const quoted = textOf(mail)
    .trimEnd()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd());
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(mail.date ?? 0);
  const text = ['', '', `On ${day}, ${senderOf(mail)} wrote:`, ...quoted].join('\n');
  return { to: to?.address ?? '', subject: replySubject(mail.subject), text, mail: id };
}

const senderOf = (mail: Letter['mail']): string => {
  const [from] = mailboxes(mail.from);
  return from?.name || from?.address || 'Somebody';
};
/** A mail without a text part is read as one. */
const textOf = ({ text, html: page }: Letter['mail']): string => text?.trim() || htmlToText(page || '');
const excerptOf = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 120);
const kilobytes = (bytes: number): string => `${Math.max(1, Math.round(bytes / 1024))} kB`;

/** The file's name begins with the moment of sending: a mail's Date is that of the message it carries. */
function arrivedAt(id: string): Date | null {
  const found = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3}Z)/.exec(id);
  return found ? new Date(`${found[1]}:${found[2]}:${found[3]}.${found[4]}`) : null;
}

function shortTime(date: Date | undefined): string {
  return date
    ? new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
        date,
      )
    : '';
}
