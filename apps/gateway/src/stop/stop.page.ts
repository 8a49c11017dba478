import { type Language, type StopState } from '@sportello/contracts';

interface Words {
  title: (number: number) => string;
  ask: string;
  button: string;
  done: string;
  void: string;
}

const words: Record<Language, Words> = {
  en: {
    title: (number) => `Mails about #${number}`,
    ask: 'Shall we stop sending you mail about this?',
    button: 'Stop mails about this',
    done: 'You get no more mail about this.',
    void: 'This link is too old, or part of it is missing. Open it once more from a newer mail.',
  },
  it: {
    title: (number) => `E-mail su #${number}`,
    ask: 'Vuole che non le inviamo più e-mail su questo argomento?',
    button: 'Non inviare più e-mail',
    done: 'Non riceverà più e-mail su questo argomento.',
    void: 'Il link è troppo vecchio o incompleto. Lo apra di nuovo da un messaggio più recente.',
  },
  nb: {
    title: (number) => `E-post om #${number}`,
    ask: 'Skal vi slutte å sende deg e-post om dette?',
    button: 'Ikke send mer e-post',
    done: 'Du får ikke mer e-post om dette.',
    void: 'Lenken er for gammel, eller en del av den mangler. Åpne den igjen fra en nyere e-post.',
  },
};

const style =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center;background:#f6f7f9;color:#1c2430}' +
  'main{background:#fff;border-radius:12px;padding:32px;max-width:26rem;margin:16px}h1{font-size:1.25rem;margin:0 0 12px}p{margin:0 0 20px}' +
  'p:last-child{margin:0}button{font:inherit;font-weight:600;padding:10px 18px;border:0;border-radius:8px;background:#1f5fd0;color:#fff;cursor:pointer}' +
  '@media(prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ee}main{background:#1e242d}}';

/** The page behind the link: it asks, or says that it is done. */
export function stopPage({ itemNumber, language, stopped }: StopState): string {
  const { title, ask, button, done } = words[language];
  const heading = title(itemNumber);
  return page(
    language,
    heading,
    stopped ? `<p role="status">${done}</p>` : `<p>${ask}</p><form method="post"><button>${button}</button></form>`,
  );
}

/** The link is none of ours, or no longer. Nobody knows whose it was, so the browser's language counts. */
export function voidPage(acceptLanguage: string | undefined): string {
  const wanted = acceptLanguage?.slice(0, 2).toLowerCase();
  const language: Language =
    wanted === 'it' ? 'it' : wanted === 'nb' || wanted === 'no' || wanted === 'nn' ? 'nb' : 'en';
  return page(language, 'Sportello', `<p>${words[language].void}</p>`);
}

const page = (language: Language, title: string, content: string): string =>
  `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<meta name="robots" content="noindex"><title>${title}</title><style>${style}</style></head><body><main><h1>${title}</h1>${content}</main></body></html>`;
