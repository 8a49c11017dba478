import { type Language, type MintedLink, type PreparedMail } from '@sportello/contracts';
import { textToHtml } from '@sportello/mail';

/** The words of one mail. */
export interface Wording {
  subject: string;
  text: string;
  html: string;
}

type NoticeReason = 'assigned' | 'mentioned' | 'followed';

interface Facts {
  author: string;
  item: string;
  requester: string;
}

const notices: Record<
  Language,
  Record<NoticeReason, (facts: Facts) => string> & {
    button: (type: string) => string;
    toCustomer: (facts: Facts) => string;
    toTeam: string;
  }
> = {
  en: {
    assigned: ({ item }) => `${item} is yours now`,
    mentioned: ({ author, item }) => `${author} mentioned you in ${item}`,
    followed: ({ author, item }) => `${author} wrote in ${item}`,
    button: (type) => `Open the ${type.toLowerCase()}`,
    toCustomer: ({ requester }) =>
      `Reply to this mail and your answer goes to ${requester || 'the customer'}, as if you had written it in Sportello.`,
    toTeam: 'This is an internal note. Reply to this mail and only the team reads your answer.',
  },
  it: {
    assigned: ({ item }) => `${item} è stato assegnato a lei`,
    mentioned: ({ author, item }) => `${author} la menziona in ${item}`,
    followed: ({ author, item }) => `${author} ha scritto in ${item}`,
    button: (type) => `Apri il ${type.toLowerCase()}`,
    toCustomer: ({ requester }) =>
      `Risponda a questo messaggio e la risposta arriva a ${requester || 'chi ha scritto'}, come se l'avesse scritta in Sportello.`,
    toTeam: 'Questa è una nota interna: se risponde a questo messaggio, la legge solo il team.',
  },
  nb: {
    assigned: ({ item }) => `${item} er din nå`,
    mentioned: ({ author, item }) => `${author} nevnte deg i ${item}`,
    followed: ({ author, item }) => `${author} skrev i ${item}`,
    button: (type) => `Åpne ${type.toLowerCase()}`,
    toCustomer: ({ requester }) =>
      `Svar på denne e-posten, så går svaret til ${requester || 'kunden'}, som om du hadde skrevet det i Sportello.`,
    toTeam: 'Dette er et internt notat. Svarer du på denne e-posten, leser bare teamet svaret.',
  },
};

/** What a user's notification says around the message. */
export function noticeWords(purpose: string, prepared: PreparedMail): { lead: string; button: string; footer: string } {
  const words = notices[prepared.language];
  const facts = {
    author: prepared.authorName,
    item: `#${prepared.number} ${prepared.title}`,
    requester: prepared.requesterName,
  };
  const reason = purpose === 'assigned' || purpose === 'mentioned' ? purpose : 'followed';
  return {
    lead: words[reason](facts),
    button: words.button(prepared.typeName),
    footer: prepared.thread === 'internal' ? words.toTeam : words.toCustomer(facts),
  };
}

/** The link below a mail that somebody gets because they wish it. */
export const stopWords: Record<Language, string> = {
  en: 'Stop mails about this',
  it: 'Non inviarmi più e-mail su questo',
  nb: 'Ikke send meg mer e-post om dette',
};

interface LinkWords {
  subject: string;
  title: string;
  text: string;
  button: string;
  footer: string;
}

const links: Record<
  Language,
  Record<'invitation' | 'password-reset' | 'workspaces', (link: MintedLink) => LinkWords>
> = {
  en: {
    invitation: ({ workspaceName, invitedByName }) => ({
      subject: `Join ${workspaceName} on Sportello`,
      title: `${workspaceName} would like you in the team`,
      text: `${invitedByName || 'A colleague'} invites you to ${workspaceName}, where the team answers its customers. Choose a password and you are in.`,
      button: 'Accept the invitation',
      footer: 'If you do not know what this is about, you need do nothing.',
    }),
    'password-reset': ({ workspaceName }) => ({
      subject: `A new password for ${workspaceName}`,
      title: 'Choose a new password',
      text: `You asked for a new password for ${workspaceName}. The link works once, and for a short time only.`,
      button: 'Choose a password',
      footer: 'Was it not you? Then leave this mail alone: your password stays as it is.',
    }),
    workspaces: () => ({
      subject: 'Your workspaces on Sportello',
      title: 'Here you are at home',
      text: 'You asked in which workspaces you have an account:',
      button: 'Sign in',
      footer: 'Was it not you? Then you need do nothing.',
    }),
  },
  it: {
    invitation: ({ workspaceName, invitedByName }) => ({
      subject: `${workspaceName} la aspetta su Sportello`,
      title: `${workspaceName} la vorrebbe nel team`,
      text: `${invitedByName || 'Un collega'} la invita in ${workspaceName}, dove il team risponde ai clienti. Scelga una password ed è dentro.`,
      button: "Accetta l'invito",
      footer: 'Se non sa di che cosa si tratta, non deve fare nulla.',
    }),
    'password-reset': ({ workspaceName }) => ({
      subject: `Una nuova password per ${workspaceName}`,
      title: 'Scelga una nuova password',
      text: `Ha chiesto una nuova password per ${workspaceName}. Il link vale una volta sola e per poco tempo.`,
      button: 'Scegli la password',
      footer: 'Non è stato lei a chiederla? Ignori pure questo messaggio: la password resta quella di prima.',
    }),
    workspaces: () => ({
      subject: 'I suoi spazi di lavoro su Sportello',
      title: 'Ecco dove ha un account',
      text: 'Ha chiesto in quali spazi di lavoro ha un account:',
      button: 'Accedi',
      footer: 'Non è stato lei a chiederlo? Non deve fare nulla.',
    }),
  },
  nb: {
    invitation: ({ workspaceName, invitedByName }) => ({
      subject: `Bli med i ${workspaceName} på Sportello`,
      title: `${workspaceName} vil ha deg med på laget`,
      text: `${invitedByName || 'En kollega'} inviterer deg til ${workspaceName}, der teamet svarer kundene sine. Velg et passord, så er du inne.`,
      button: 'Ta imot invitasjonen',
      footer: 'Vet du ikke hva dette gjelder, trenger du ikke gjøre noe.',
    }),
    'password-reset': ({ workspaceName }) => ({
      subject: `Nytt passord til ${workspaceName}`,
      title: 'Velg et nytt passord',
      text: `Du har bedt om et nytt passord til ${workspaceName}. Lenken virker én gang, og bare en kort stund.`,
      button: 'Velg passord',
      footer: 'Var det ikke deg? Da kan du la denne e-posten ligge: Passordet ditt er som før.',
    }),
    workspaces: () => ({
      subject: 'Arbeidsområdene dine på Sportello',
      title: 'Her hører du til',
      text: 'Du spurte hvilke arbeidsområder du har en konto i:',
      button: 'Logg inn',
      footer: 'Var det ikke deg? Da trenger du ikke gjøre noe.',
    }),
  },
};

/** The mail that carries a link, or the list of workspaces with a link each. */
export function linkWords(
  purpose: string,
  link: MintedLink,
  publicUrl: string,
): { subject: string; title: string; html: string; button: { label: string; href: string }; footer: string } {
  const kind = purpose === 'invitation' || purpose === 'password-reset' ? purpose : 'workspaces';
  const words = links[link.language][kind](link);
  const list = (link.workspaces ?? []).map(({ name, slug }) => `${name}: ${publicUrl}/${slug}/sign-in`);
  return {
    subject: words.subject,
    title: words.title,
    html: textToHtml([words.text, ...list].join('\n\n')),
    button: { label: words.button, href: `${publicUrl}${link.path}` },
    footer: words.footer,
  };
}
