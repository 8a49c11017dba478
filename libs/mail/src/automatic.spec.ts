import { describe, expect, it } from '@jest/globals';
import { classify } from './automatic.js';
import { OWN, aMail, casesIn, mailCase, rawCase } from './mail.builders.js';

const UNKNOWN = { from: undefined, to: [] };
const expected = JSON.parse(rawCase('automatic/expected.json').toString()) as Record<string, { kind: string }>;

describe('who wrote a mail', () => {
  it.each(casesIn('automatic'))('%s was written by a machine and is not answered', async (name) => {
    const { kind, answerable, reason } = classify(await mailCase(`automatic/${name}`), UNKNOWN, OWN);
    expect({ kind, answerable }).toEqual({ kind: expected[name]!.kind, answerable: false });
    expect(kind).not.toBe('person');
    expect(reason).toMatch(/\.$/);
  });

  it.each(casesIn('wild'))('%s was written by a person, unless it is a delivery report', async (name) => {
    const { kind } = classify(await mailCase(`wild/${name}`), UNKNOWN, OWN);
    expect(kind).toBe(name.startsWith('multipart_report') ? 'bounce' : 'person');
  });

  it.each([
    ['auto-reply/outlook-en', 'auto-reply'],
    ['auto-reply/outlook-it', 'auto-reply'],
    ['auto-reply/outlook-nb', 'auto-reply'],
    ['auto-reply/fravaer-nb', 'auto-reply'],
    ['auto-reply/fuori-sede-it', 'auto-reply'],
    ['auto-reply/vacation-en', 'auto-reply'],
    ['auto-reply/autoreply-header-it', 'auto-reply'],
    ['auto-reply/read-receipt-it', 'report'],
    ['auto-reply/person-about-auto-reply-en', 'person'],
    ['auto-reply/person-about-undelivered-it', 'person'],
    ['auto-reply/person-on-list-nb', 'person'],
    ['bounce/exchange-nb-hard', 'bounce'],
    ['bounce/exchange-it-full', 'bounce'],
    ['bounce/postfix-en-delayed', 'bounce'],
    ['bounce/arrived-en', 'report'],
    ['own-loop/our-mail-came-back', 'own-loop'],
    ['own-loop/another-desk-agent', 'person'],
    ['own-loop/another-desk-acknowledgement', 'auto-reply'],
  ])('%s is of the kind %s', async (path, kind) => {
    expect(classify(await mailCase(`cases/${path}.eml`), UNKNOWN, OWN).kind).toBe(kind);
  });

  it.each(['postmaster@contoso.example', 'bounce@contoso.example', 'Postmaster <emma@contoso.example>'])(
    'given %s writes a letter, a person wrote it',
    async (From) => {
      expect(classify(await aMail({ From, Subject: 'Our new mail server' }), UNKNOWN, OWN).kind).toBe('person');
    },
  );

  it('given a null return path from the transport, a machine sent it, whatever its headers say', async () => {
    expect(classify(await aMail({ 'Return-Path': '<emma@contoso.example>' }), { from: null, to: [] }, OWN).kind).toBe(
      'auto-reply',
    );
  });

  it('given a return path from the transport, a header cannot make the author a machine', async () => {
    expect(classify(await aMail({ 'Return-Path': '<>' }), { from: 'emma@contoso.example', to: [] }, OWN).kind).toBe(
      'person',
    );
  });
});

describe('whether a person is answered automatically', () => {
  it.each([
    [{}, true],
    [{ 'Auto-Submitted': 'no' }, true],
    [{ 'List-Id': '<users.x.example>' }, false],
    [{ 'List-Unsubscribe': '<mailto:x@y.example>' }, false],
    [{ Precedence: 'bulk' }, false],
    [{ 'X-Auto-Response-Suppress': 'DR, OOF' }, false],
    [{ 'X-Auto-Response-Suppress': 'DR, RN' }, true],
    [{ From: 'no-reply@shop.example' }, false],
    [{ From: 'noreply@shop.example', 'Reply-To': 'emma@contoso.example' }, true],
    [{ From: 'ikke-svar@butikk.example' }, false],
    [{ 'X-Sportello-Workspace': 'another' }, false],
  ])('given %j: %s', async (headers, answerable) => {
    expect(classify(await aMail(headers), UNKNOWN, OWN)).toMatchObject({ kind: 'person', answerable });
  });
});
