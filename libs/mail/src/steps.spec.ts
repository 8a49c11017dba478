import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS, type Envelope } from './mail.js';
import { OUR_ID, OWN, TOKEN, casesIn, rawCase } from './mail.builders.js';
import { STEPS, runSteps, type MailFacts, type SenderFacts } from './steps.js';

const USERS = ['anna@acme.example', 'per@acme.example'];
const facts: MailFacts = {
  authentication: async () => ({
    spf: 'pass',
    dkim: 'pass',
    dmarc: 'pass',
    policy: 'none',
    aligned: true,
    failed: false,
    summary: 'The sender is verified.',
  }),
  workspace: async () => ({ ownAddresses: ['support@acme.example', 'acme-7f3k2@in.sportello.example'] }),
  sender: async (address): Promise<SenderFacts> => ({
    kind: USERS.includes(address) ? 'user' : 'unknown',
    id: null,
    organizationId: null,
  }),
  fileUrl: ({ filename }) => `/files/${encodeURIComponent(filename)}`,
};
const run = (raw: Buffer, envelope: Partial<Envelope> = {}) =>
  runSteps({ raw, envelope: { from: undefined, to: [], ...envelope }, limits: DEFAULT_LIMITS, own: OWN, facts });
const runCase = (path: string, envelope?: Partial<Envelope>) => run(rawCase(path), envelope);
const delivered = async (path: string) => {
  const result = await runCase(path);
  if (result.outcome !== 'deliver') throw new Error(`${path} ended in ${result.step}: ${result.outcome}`);
  return result.delivery;
};

describe('the way of a mail', () => {
  it('has these steps, in this order', () => {
    expect(STEPS.map(({ name }) => name)).toEqual([
      'parse',
      'limits',
      'own-loop',
      'bounce',
      'auto-reply',
      'authentication',
      'workspace',
      'sender',
      'forwarded',
      'trim quote',
      'clean HTML',
      'deliver',
    ]);
  });

  it.each(casesIn('wild'))('%s is delivered, or set aside with a reason', async (name) => {
    const result = await runCase(`wild/${name}`);
    if (result.outcome === 'deliver') {
      expect(result.delivery.body.html + result.delivery.body.quotedHtml).not.toMatch(/<script|onerror|javascript:/i);
    } else expect(result.reason.text).toMatch(/\.$/);
    expect(result.outcome).toBe(
      name.startsWith('multipart_report')
        ? 'bounce'
        : /bad_encoded_subject|example13/.test(name)
          ? 'quarantine'
          : 'deliver',
    );
  });

  it.each(casesIn('automatic'))('%s creates nothing', async (name) => {
    expect(['nothing', 'bounce']).toContain((await runCase(`automatic/${name}`)).outcome);
  });
});

describe('limits (D7)', () => {
  it('given a bomb of 5,000 parts, it is set aside with its reason', async () => {
    const raw = Buffer.from(
      `From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(5000)}--b--`,
    );
    expect(await run(raw)).toEqual({
      outcome: 'quarantine',
      step: 'limits',
      reason: { code: 'too_many_parts', text: 'The mail has more than 1000 parts.' },
    });
  });
});

describe('loops (D6)', () => {
  it.each([
    ['own-loop/our-mail-came-back', 'own-loop'],
    ['own-loop/another-desk-acknowledgement', 'auto-reply'],
    ['auto-reply/outlook-en', 'auto-reply'],
    ['auto-reply/outlook-it', 'auto-reply'],
    ['auto-reply/outlook-nb', 'auto-reply'],
    ['auto-reply/read-receipt-it', 'auto-reply'],
    ['bounce/arrived-en', 'auto-reply'],
  ])('%s ends at the step %s', async (path, step) => {
    expect(await runCase(`cases/${path}.eml`)).toMatchObject({ outcome: 'nothing', step });
  });

  it('given an agent of another desk, the mail is delivered, but no machine answers it', async () => {
    expect((await delivered('cases/own-loop/another-desk-agent.eml')).answerable).toBe(false);
  });

  it('given a bounce of a mail of ours, it is handed over with its id and its token', async () => {
    const result = await runCase('cases/bounce/exchange-nb-hard.eml');
    expect(result).toMatchObject({
      outcome: 'bounce',
      step: 'bounce',
      bounce: { originalMessageId: OUR_ID },
      tokens: { bounce: [TOKEN] },
    });
  });

  it('given a web form that writes from our own address, the person it names is the sender', async () => {
    expect((await delivered('cases/deliver/web-form-it.eml')).sender).toMatchObject({
      name: 'Luca Verdi',
      address: 'luca.verdi@gmail.com',
    });
  });

  it('given our own address on its own behalf, nothing is created', async () => {
    const raw = Buffer.from('From: Support@Acme.example\r\nTo: x@y.example\r\nSubject: Hi\r\n\r\nHi');
    expect(await run(raw)).toMatchObject({ outcome: 'nothing', step: 'sender' });
  });
});

describe('what is delivered', () => {
  it.each([
    'gmail-en',
    'gmail-it',
    'gmail-nb',
    'outlook-desktop-en',
    'outlook-desktop-it',
    'outlook-desktop-nb',
    'ios-en',
    'ios-it',
    'ios-nb',
    'thunderbird-it-below',
    'thunderbird-nb-below',
  ])('%s has its token, its words apart from the quote, and clean HTML (D1)', async (name) => {
    const { tokens, body, mail } = await delivered(`cases/trim-quote/${name}.eml`);
    expect(tokens.reply).toEqual([TOKEN]);
    expect(mail.references).toEqual([OUR_ID]);
    expect(body.text).not.toMatch(/toner\?|^>/m);
    expect(body.quotedHtml).toMatch(/toner\?/);
    expect(body.html + body.quotedHtml).not.toMatch(/class=|<style|<o:p|mso-/);
  });

  it('given references only, our id is among them (D1)', async () => {
    const { mail, tokens } = await delivered('cases/deliver/references-only-en.eml');
    expect(tokens.reply).toEqual([]);
    expect(mail.references).toEqual(['middle@contoso.example', OUR_ID, 'first@contoso.example']);
  });

  it('given a changed subject, the token still names the item (D3)', async () => {
    const { mail, tokens } = await delivered('cases/deliver/changed-subject-it.eml');
    expect([mail.subject, tokens.reply, tokens.number]).toEqual(['Nuovo problema: lo scanner', [TOKEN], null]);
  });

  it('given a stranger who quotes a number, there is no secret in it (D2)', async () => {
    const { mail, tokens } = await delivered('cases/deliver/stranger-quotes-number-nb.eml');
    expect([mail.references, tokens]).toEqual([[], { reply: [], bounce: [], number: 1042 }]);
  });

  it('given one mail to two of our addresses, both deliveries have one key (D4, D8)', async () => {
    const ways = [['vendite@acme.example'], ['support@acme.example']];
    const keys = await Promise.all(ways.map((to) => runCase('cases/deliver/two-of-our-addresses-it.eml', { to })));
    expect(new Set(keys.map((result) => result.outcome === 'deliver' && result.delivery.key)).size).toBe(1);
    expect((await delivered('cases/deliver/cc-only-nb.eml')).sender.address).toBe('ola@nordvik.example');
  });

  it.each(['gmail-en', 'outlook-it', 'outlook-nb', 'apple-mail-nb', 'apple-mail-it', 'thunderbird-en', 'attached-nb'])(
    'given %s forwarded by a user, the body is the original (D5)',
    async (name) => {
      const { forwarded, body, sender } = await delivered(`cases/forwarded/${name}.eml`);
      expect(sender.kind).toBe('user');
      expect(forwarded?.from.address).toMatch(/@(contoso|fabrikam|nordvik)\.example$/);
      expect(body.text).toMatch(/hinge|cerniera|hengselen/);
      expect(body.text).not.toMatch(/Can we take|Ve ne occupate|Kan noen|Please handle/);
    },
  );

  it.each(['support@acme.example', `support+r.${TOKEN}@acme.example`])(
    'given our own mail from %s forwarded by a user, nobody else becomes the requester',
    async (address) => {
      const original = `---------- Forwarded message ---------\r\nFrom: Per <${address}>\r\nSubject: Hinge\r\nTo: Emma\r\n\r\nHello`;
      const raw = `From: anna@acme.example\r\nSubject: Fwd: Hinge\r\n\r\nSee below.\r\n\r\n${original}\r\n`;
      const result = await run(Buffer.from(raw));
      expect(result).toMatchObject({ outcome: 'deliver', delivery: { forwarded: null, sender: { kind: 'user' } } });
    },
  );

  it('given a provider that asks about forwarding, its code is handed over', async () => {
    expect(await runCase('cases/confirmation/gmail-it.eml')).toMatchObject({
      outcome: 'confirmation',
      confirmation: { code: '223456789' },
    });
  });

  it('given an inline image, the page is told where it is', async () => {
    const raw = Buffer.from(
      'From: a@x.example\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>See <img src="cid:pic@x"></p>\r\n--b\r\nContent-Type: image/png; name="p q.png"\r\nContent-ID: <pic@x>\r\n\r\nx\r\n--b--\r\n',
    );
    expect(await run(raw)).toMatchObject({
      delivery: { body: { html: expect.stringContaining('<img src="/files/p%20q.png" />'), remoteImages: 0 } },
    });
  });

  it('given no workspace, it is set aside', async () => {
    const result = await runSteps({
      raw: rawCase('wild/rfc2822--example01.eml'),
      envelope: { from: undefined, to: [] },
      limits: DEFAULT_LIMITS,
      own: OWN,
      facts: { ...facts, workspace: async () => null },
    });
    expect(result).toMatchObject({ outcome: 'quarantine', step: 'workspace' });
  });
});
