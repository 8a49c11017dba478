/** What mail programs put before the subject of an answer and of a forward, in the languages of Europe. */
const ANSWER = 're|r|rif|ref|sv|svar|vs|aw|antw|antwort|antwoord|rv|res|resp|odp|vá|ynt|atb|ad|bls';
const FORWARD = 'fwd?|fw|i|inoltra|inoltro|vs|videresendt|vidaresendt|vidaresend|vb|wg|tr|enc|rv|doorst|pd|lv';
/** "Re:", "SV :", "Re[2]:", "RE(3):" */
const prefix = (words: string) => new RegExp(`^(?:${words})(?:\\[\\d+\\]|\\(\\d+\\)|\\^\\d+)?\\s?[:：]\\s*`, 'iu');
const PREFIX = prefix(`${ANSWER}|${FORWARD}`);
const FORWARD_PREFIX = prefix(FORWARD);
const NUMBER_TAG = /\s*\[#\d{1,15}\]\s*/g;

/** The subject without the prefixes of answers and forwards and without our number tag. */
export function baseSubject(subject: string): string {
  let base = subject.replace(NUMBER_TAG, ' ').trim();
  for (let next = base.replace(PREFIX, ''); next !== base; next = base.replace(PREFIX, '')) base = next.trim();
  return base;
}

/** The subject of our answer: "Re: Broken printer [#1042]". */
export function replySubject(subject: string, number: number): string {
  return ['Re:', baseSubject(subject), `[#${number}]`].filter(Boolean).join(' ');
}

/** Whether a reply talks about something else than the item's title (D3). An empty subject is no change. */
export function subjectChanged(itemSubject: string, mailSubject: string): boolean {
  const [known, given] = [itemSubject, mailSubject].map((subject) =>
    baseSubject(subject).replace(/\s+/g, ' ').toLowerCase(),
  );
  return given !== '' && given !== known;
}

/** Whether the mail program calls it a forward: "Fwd:", "I:" (Italian Outlook), "VS:" (Norwegian), "WG:" … */
export function isForwardSubject(subject: string): boolean {
  return FORWARD_PREFIX.test(subject.replace(NUMBER_TAG, ' ').trim());
}
