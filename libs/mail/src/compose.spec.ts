import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classify } from './automatic.js';
import { composeMail, viaWorkspace, type OutgoingMail } from './compose.js';
import { OUR_ID, OWN, TOKEN, readMail } from './mail.builders.js';
import { splitHtml, splitText } from './quote.js';
import { htmlToText } from './text.js';
import { readTokens, replyAddress } from './tokens.js';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const reply = (given: Partial<OutgoingMail> = {}): OutgoingMail => ({
  from: viaWorkspace('Anna Larsen', 'Acme', 'support@acme.example'),
  to: [{ name: 'Kåre Østby', address: 'kare.ostby@nordvik.example' }],
  cc: [{ name: '', address: 'ingrid.dahl@nordvik.example' }],
  replyTo: replyAddress({ token: TOKEN, inboundAddress: 'support@acme.example' }),
  subject: 'Re: Skriver på døra [#1042]',
  messageId: OUR_ID,
  inReplyTo: 'first@nordvik.example',
  references: ['root@nordvik.example', 'first@nordvik.example'],
  date: new Date('2025-11-03T10:12:00Z'),
  workspaceId: OWN.workspaceId,
  html: '<p>Hei <b>Kåre</b>,</p><p>se bildet: <img src="cid:pic@acme"></p>',
  quoted: { attribution: 'Den 3. november 2025 skrev Kåre Østby:', html: '<p>Skriveren står.</p>' },
  attachments: [
    { filename: 'bilde.png', contentType: 'image/png', content: PNG, contentId: 'pic@acme' },
    { filename: 'Tilbud på dør.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF') },
  ],
  ...given,
});

describe('a mail that we send', () => {
  it('given an answer, whoever reads it finds all of it', async () => {
    const mail = await readMail(await composeMail(reply()));
    expect(mail).toMatchObject({
      messageId: OUR_ID,
      subject: 'Re: Skriver på døra [#1042]',
      from: { name: 'Anna Larsen via Acme', address: 'support@acme.example' },
      to: [{ name: 'Kåre Østby', address: 'kare.ostby@nordvik.example' }],
      cc: [{ name: '', address: 'ingrid.dahl@nordvik.example' }],
      references: ['first@nordvik.example', 'root@nordvik.example'],
      date: new Date('2025-11-03T10:12:00Z'),
    });
    expect(mail.attachments.map(({ filename, inline, contentId }) => [filename, inline, contentId])).toEqual([
      ['bilde.png', true, 'pic@acme'],
      ['Tilbud på dør.pdf', false, null],
    ]);
    expect(
      readTokens(
        mail,
        mail.replyTo.map(({ address }) => address),
      ).reply,
    ).toEqual([TOKEN]);
    expect(mail.html).toContain('cid:pic@acme');
  });

  it('given the history below, every mail program and we ourselves can fold it', async () => {
    const { html, text } = await readMail(await composeMail(reply()));
    expect(htmlToText(splitHtml(html!).visible)).toBe('Hei Kåre,\n\nse bildet:');
    expect(splitText(text!)).toEqual({
      visible: 'Hei Kåre,\n\nse bildet:',
      quoted: expect.stringContaining('> Skriveren står.'),
    });
  });

  it('given it comes back to this workspace, it is a loop; given another gets it, a person wrote it', async () => {
    const mail = await readMail(await composeMail(reply()));
    const envelope = { from: 'support+b.x@acme.example', to: [] };
    expect(classify(mail, envelope, OWN).kind).toBe('own-loop');
    expect(classify(mail, envelope, { ...OWN, workspaceId: 'another' })).toMatchObject({
      kind: 'person',
      answerable: false,
    });
  });

  it('given no person wrote it, it says so, and no machine answers', async () => {
    const mail = await readMail(await composeMail(reply({ autoSubmitted: 'auto-replied' })));
    expect(classify(mail, { from: 'support@acme.example', to: [] }, { ...OWN, workspaceId: 'another' }).kind).toBe(
      'auto-reply',
    );
  });

  it('given the same input twice, the bytes are the same', async () => {
    expect((await composeMail(reply())).equals(await composeMail(reply()))).toBe(true);
  });

  it('given a long thread, its root and its nearest ids are kept', async () => {
    const references = Array.from({ length: 300 }, (_, index) => `${index}@x.example`);
    const mail = await readMail(await composeMail(reply({ references, inReplyTo: null })));
    expect(mail.references).toHaveLength(20);
    expect([mail.references[0], mail.references.at(-1)]).toEqual(['299@x.example', '0@x.example']);
  });

  it.each([
    { messageId: 'a@x>\r\nBcc: evil@x.example' },
    { inReplyTo: 'a b@x' },
    { replyTo: 'a@x.example\r\nBcc: evil@x.example' },
    { replyTo: 'a@x.example, evil@x.example' },
    { to: [{ name: 'x', address: 'not an address' }] },
  ])('given %j, it is refused', async (given) => {
    await expect(composeMail(reply(given))).rejects.toThrow(RangeError);
  });

  it('given any text in any field, no header is added and no recipient', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'x\r\nBcc: evil@x.example',
        'x\nBcc: evil@x.example\n\nbody',
        'x\u0000y',
        '"x" <evil@x.example>',
        'x\u2028Bcc: evil@x.example',
        '=?utf-8?Q?x=0D=0ABcc:_evil@x.example?=',
      ),
    );
    const names = async (mail: OutgoingMail) =>
      (await readMail(await composeMail(mail))).headers.fields.map(([name]) => name);
    const plain = await names(reply({ attachments: [] }));
    await fc.assert(
      fc.asyncProperty(nasty, async (text) => {
        const attacked = reply({
          from: viaWorkspace(text, text, 'support@acme.example'),
          to: [{ name: text, address: 'kare.ostby@nordvik.example' }],
          subject: text || 'x',
          workspaceId: text || 'x',
          quoted: { attribution: text, html: '' },
          attachments: [{ filename: text, contentType: text, content: PNG, contentId: text || 'x' }],
        });
        const mail = await readMail(await composeMail(attacked));
        const unexpected = mail.headers.fields.map(([name]) => name).filter((name) => !plain.includes(name));
        expect(unexpected).toEqual([]);
        expect([...mail.to, ...mail.cc].map(({ address }) => address)).toEqual([
          'kare.ostby@nordvik.example',
          'ingrid.dahl@nordvik.example',
        ]);
        expect(mail.from?.address).toBe('support@acme.example');
      }),
      { numRuns: 100 },
    );
  });
});
