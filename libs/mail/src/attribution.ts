import EmailReplyParser from 'email-reply-parser';
import planer from 'planer';

/**
 * The words by which mail programs introduce what they quote or forward. English, Italian, Norwegian and their neighbours
 * by our own patterns, which never look at more than 300 characters; for other languages two libraries are asked about
 * one line at a time, because their patterns take cubic time on a long text.
 */
const WROTE = [
  // English: "On Mon, 3 Nov 2025 at 10:12, Anna <anna@x.example> wrote:"
  /^on\b.{6,250}\b(wrote|writes|said)\s?:$/i,
  // Italian: "Il giorno lun 3 nov 2025 alle ore 10:12 Anna <…> ha scritto:"
  /^(il|in data|nel giorno|lun|mar|mer|gio|ven|sab|dom)\b.{4,280}\b(ha|hai|avete) scritto\s?:$/i,
  // Norwegian, Danish, Swedish: "Den 03.11.2025 10:12, skrev Anna:", "man. 3. nov. 2025 kl. 10:12 skrev Anna <…>:"
  /^(den|på|on|måndag|(man|tir|tys|ons|tor|fre|lau|lør|søn|sun|mån|tis|lör|sön)[a-zæøå]*\.?,?)\s.{4,280}\b(skrev|skreiv|skriver)\b.{0,200}:$/i,
  /^\d{1,4}[./-].{4,200}\b(skrev|skreiv|ha scritto|wrote|schrieb|a écrit|escribió)\b.{0,200}:$/i,
  // German, French, Spanish, Portuguese, Dutch, Polish
  /^(am|op|le|el|em|a|dnia|w dniu)\s.{4,280}\b(schrieb|a écrit|escribió|escreveu|schreef|napisał\(?a?\)?)\b.{0,200}:$/i,
];
/** "Anna <anna@x.example> wrote on 3 November:", which begins with the name and so could begin with anything. */
const NAME_WROTE =
  /^.{2,200}\b(wrote|ha scritto|skrev|skreiv)(?: (on|the following|il|in data|den|følgende|fylgjande|på)\b.{0,120})?\s?:$/i;
/** A field of the small header that Outlook, Apple Mail and Gmail put above what they forward or quote. */
export type HeaderField = 'from' | 'date' | 'to' | 'cc' | 'subject' | 'other';
const LABELS = new Map<string, HeaderField>(
  (
    [
      ['from', 'from da fra frå von de van från od lähettäjä'],
      ['date', 'sent date inviato data sendt dato gesendet datum envoyé enviado fecha verzonden skickat lähetetty'],
      ['to', 'to a til an à para aan till per vastaanottaja'],
      ['cc', 'cc kopi kopie copia ccn cópia'],
      ['subject', 'subject oggetto emne betreff objet asunto assunto onderwerp ämne aihe'],
      ['other', 'importance attachments priority priorità importanza allegati viktighet prioritet betydning vedlegg'],
    ] as const
  ).flatMap(([field, words]) => words.split(' ').map((word) => [word, field] as const)),
);
const FIELD = /^[\s>*_]{0,20}(\p{L}{1,15})\s?\*{0,2}:[\s*_]{0,20}([^]{0,1000})$/u;

const ORIGINAL_MESSAGE =
  /^[\s>]*[-_*]{2,}\s*(original message|messaggio originale|original melding|opprinnelig melding|oppr(inneleg|innelig)? (e-post|melding)|opprinneleg melding|oprindelig meddelelse|ursprungligt meddelande|ursprüngliche nachricht|message d'origine|mensaje original|mensagem original|oorspronkelijk bericht|alkuperäinen viesti)\s*[-_*]{2,}\s*$/i;
const FORWARDED_MESSAGE =
  /^[\s>]*(?:[-_*]{2,}\s*(forwarded message|messaggio inoltrato|inoltro messaggio|videresendt (melding|e-post|beskjed)|vidaresendt (melding|e-post)|weitergeleitete nachricht|message transféré|mensaje reenviado|vidarebefordrat meddelande|doorgestuurd bericht)\s*[-_*]{2,}|(begin forwarded message|inizio messaggio inoltrato|start på videresendt (melding|e-post|beskjed)|videresendt melding|start på vidaresendt melding|anfang der weitergeleiteten nachricht|début du message réexpédié)\s*:)\s*$/i;
/** Our own and other desks' "##- Please type your reply above this line -##". */
const REPLY_MARKER = /^[\s>]*##-.{3,120}-##\s*$/;

/** Whether a line says that everything below it is an older mail. */
export function isDivider(line: string): boolean {
  return line.length < 200 && (ORIGINAL_MESSAGE.test(line) || FORWARDED_MESSAGE.test(line) || REPLY_MARKER.test(line));
}

/** Whether a line says that what follows was forwarded. */
export function isForwardDivider(line: string): boolean {
  return line.length < 200 && FORWARDED_MESSAGE.test(line);
}

/**
 * How many lines from `at` on introduce a quote ("On …, Anna wrote:"); 0 if they do not. Long ones are wrapped over up
 * to three lines. Where a quote stands right below, a line in an unknown language is worth asking about.
 */
export function attributionLength(
  lines: string[],
  at: number,
  beforeQuote: (next: number) => boolean,
  isKnownElsewhere: (line: string) => boolean,
): number {
  const opensWith = (text: string) => WROTE.some((pattern) => pattern.test(text));
  const joined = (from: number, to: number) =>
    lines
      .slice(from, to)
      .map((line) => line.trim())
      .join(' ');
  for (let length = 1; length <= 3; length++) {
    const text = joined(at, at + length);
    if (!lines[at + length - 1]?.trim() || text.length > 300) return 0;
    if (!text.endsWith(':')) continue;
    // Where a later line opens an introduction, the lines above it are somebody's words.
    if (length > 1 && (opensWith(joined(at + 1, at + length)) || opensWith(joined(at + 2, at + length)))) return 0;
    const looksRight = opensWith(text) || (length === 1 && NAME_WROTE.test(text));
    if (looksRight && /\d|@/.test(text)) return length;
    if (beforeQuote(at + length)) return looksRight || isKnownElsewhere(text) ? length : 0;
  }
  return 0;
}

/** What two libraries say about one line above a quote. Half a millisecond each time. */
export function isKnownElsewhere(line: string): boolean {
  const byPlaner = planer.markMessageLines([line, '> .'])[0] === 's';
  const [first] = new EmailReplyParser().read(`${line}\n> .`).getFragments();
  return byPlaner || Boolean(first?.isQuoted() && first.getContent().startsWith(line.slice(0, 10)));
}

/** One field of a small header, or null: "*Fra:* Anna <anna@x.example>" is { field: 'from', value: 'Anna <…>' }. */
export function headerField(line: string): { field: HeaderField; value: string } | null {
  const [, label = '', value = ''] = FIELD.exec(line) ?? [];
  const field = LABELS.get(label.toLowerCase());
  return field ? { field, value: value.replace(/[\s*]+$/, '') } : null;
}

/**
 * The small header that starts at a line: its fields, and the line after it. Null unless it names the sender and two of
 * date, recipients and subject: "From: my point of view" is no header.
 */
export function headerBlock(
  lines: string[],
  at: number,
): { fields: Partial<Record<HeaderField, string>>; end: number } | null {
  const fields: Partial<Record<HeaderField, string>> = {};
  let last: HeaderField | null = null;
  let end = at;
  for (let index = at; index < Math.min(lines.length, at + 14); index++) {
    const line = lines[index]!;
    const found = headerField(line);
    const isBlank = line.trim() === '';
    const isFull = Object.keys(fields).length >= 3;
    if (found && (found.field === 'other' || fields[found.field] === undefined)) {
      fields[found.field] = found.value;
      last = found.field;
    } else if (last && !isBlank && /[,;<]\s*$/.test(lines[index - 1]!)) {
      // A list of recipients runs over several lines.
      fields[last] += ` ${line.trim()}`;
    } else if (last && isBlank && !isFull) {
      continue;
    } else break;
    end = index + 1;
  }
  const others = [fields.date, fields.to, fields.subject].filter((value) => value !== undefined);
  return fields.from !== undefined && others.length >= 2 ? { fields, end } : null;
}
