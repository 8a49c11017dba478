/** The demo workspace: a small company that builds and supports booking software, and the people it serves. */

export const workspace = { name: 'Officina Software', slug: 'officina', timeZone: 'Europe/Rome', language: 'en' };

export const administrator = { name: 'Anna Conti', email: 'anna@officina.example', password: 'sportello-demo' };
export const agent = { name: 'Per Haugen', email: 'per@officina.example', password: 'sportello-demo' };

export const organizations = [
  { name: 'Trattoria Bianchi', domains: ['bianchi.example'] },
  { name: 'Nordlys Reiser', domains: ['nordlys.example'] },
  { name: 'Harbour & Sons', domains: ['harbour.example'] },
];

export const customers = [
  { name: 'Ola Nordmann', email: 'ola@nordlys.example', organization: 'Nordlys Reiser' },
  { name: 'Giulia Bianchi', email: 'giulia@bianchi.example', organization: 'Trattoria Bianchi' },
  { name: 'Emma Clarke', email: 'emma@harbour.example', organization: 'Harbour & Sons' },
  { name: 'Tom Reed', email: 'tom@harbour.example', organization: 'Harbour & Sons' },
];

/** Mails as customers write them, oldest first. */
export const mails = [
  {
    from: 'giulia@bianchi.example',
    subject: 'Le prenotazioni del sabato compaiono due volte',
    text: 'Buongiorno,\n\nda ieri ogni prenotazione per il sabato sera compare due volte in agenda. Se ne cancello una, spariscono entrambe.\n\nPotete guardarci prima del fine settimana?\n\nGrazie,\nGiulia',
  },
  {
    from: 'emma@harbour.example',
    subject: 'Can guests choose the quay when they book?',
    text: 'Hello,\n\nwe opened a second quay in October. Is there a way to let guests choose which one they leave from? Right now they all show up at the old one.\n\nBest,\nEmma',
  },
  {
    from: 'ola@nordlys.example',
    subject: 'Får ikke sendt ut bekreftelser',
    text: 'Hei,\n\nsiden i morges får ikke gjestene våre bekreftelse på e-post når de bestiller. Bestillingen ligger i systemet, men ingen får beskjed.\n\nHilsen Ola',
  },
  {
    from: 'tom@harbour.example',
    subject: 'Invoice for October shows the old address',
    text: 'Hi,\n\nour invoice still has the address on Mill Lane. We moved to 4 Dock Street in September.\n\nThanks,\nTom',
  },
];
