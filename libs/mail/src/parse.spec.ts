import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from './mail.js';
import { aMail, casesIn, mailCase, readMail } from './mail.builders.js';
import { messageKey, parseMail } from './parse.js';

/** What the wild mails hold besides text: names as they must be shown, with their sizes. */
const FILES: Record<string, string[]> = {
  'attachment_emails--attachment_content_disposition.eml': ['api.rb 28'],
  'attachment_emails--attachment_message_rfc822.eml': ['ForwardedMessage.eml 3781'],
  'attachment_emails--attachment_nonascii_filename.eml': ['ciële.txt 11'],
  'attachment_emails--attachment_pdf.eml': ['broken.pdf 1026'],
  'attachment_emails--attachment_pdf_non_ascii.eml': ['broken.pdf 1026'],
  'attachment_emails--attachment_with_base64_encoded_name.eml': ['This is a test.pdf 399'],
  'attachment_emails--attachment_with_quoted_filename.eml': ['Eelanalüüsi päring.jpg 1952'],
  'error_emails--missing_content_disposition.eml': ['image.jpg 1311'],
  'mime_emails--email_with_similar_boundaries.eml': ['LOGO.png 3'],
  'mime_emails--raw_email12.eml': ['image.jpg 227'],
  'mime_emails--raw_email_with_multipart_mixed_quoted_boundary.eml': ['broken.pdf 1026'],
  'multi_charset--japanese_attachment_long_name.eml': [`${'かきくけこ'.repeat(5)}.txt 18`],
  'multipart_report_emails--multi_address_bounce1.eml': ['attachment.delivery 2780', 'message.eml 1381'],
  'multipart_report_emails--multipart_report_multiple_status.eml': [
    'attachment.delivery 184',
    'attachment.delivery 262',
    'message.eml 2680',
  ],
  'multipart_report_emails--report_530.eml': ['attachment.delivery 387', 'attachment.rfc822 1663'],
};
/** Those without an author that could be answered: they are set aside with that reason. */
const NO_AUTHOR = ['error_emails--bad_encoded_subject.eml', 'rfc2822--example13.eml'];
/** Those that hold nothing to read. */
const NO_BODY = ['error_emails--bad_date_header.eml', 'error_emails--must_supply_encoding.eml'];

describe('a mail as it came', () => {
  it.each(casesIn('wild'))('%s is read, with its files, author and words', async (name) => {
    const mail = await mailCase(`wild/${name}`);
    expect(mail.attachments.map(({ filename, size }) => `${filename} ${size}`)).toEqual(FILES[name] ?? []);
    expect(mail.from === null).toBe(NO_AUTHOR.includes(name));
    expect([mail.text, mail.html].every((body) => body === null) && mail.attachments.length === 0).toBe(
      NO_BODY.includes(name),
    );
    expect(JSON.stringify(mail)).not.toContain('\\u0000');
  });

  it.each(['automatic', 'wild'].flatMap((folder) => casesIn(folder).map((name) => `${folder}/${name}`)))(
    '%s is read the same twice',
    async (path) => {
      const [first, second] = [await mailCase(path), await mailCase(path)];
      expect(second.contentHash).toBe(first.contentHash);
      expect(messageKey(second)).toBe(messageKey(first));
    },
  );

  it('given a charset that old mailers used, the words come out right', async () => {
    expect((await mailCase('wild/multi_charset--japanese.eml')).subject).toBe('まみむめも');
    expect((await mailCase('wild/multi_charset--japanese_shift_jis.eml')).text).toContain('あいうえお');
    expect((await mailCase('wild/error_emails--invalid_subject_characters.eml')).subject).toContain('Formação');
  });

  it('given raw Latin-1 letters in the header, they are letters', async () => {
    const mail = await readMail(
      Buffer.from(
        'From: K\u00e5re \u00d8stby <kare@nordvik.example>\r\nSubject: P\u00e5 d\u00f8ra\r\n\r\nHei',
        'latin1',
      ),
    );
    expect(mail.subject).toBe('På døra');
    expect(mail.from).toEqual({ name: 'Kåre Østby', address: 'kare@nordvik.example' });
  });

  it('given an unknown charset, the text is kept', async () => {
    const mail = await aMail({ 'Content-Type': 'text/plain; charset=x-broken-\u0001' }, 'Words stay\n');
    expect(mail.text).toBe('Words stay\n');
  });

  it('given a multipart without a boundary, what was written is shown as it is', async () => {
    const mail = await aMail({ 'Content-Type': 'multipart/mixed' }, 'Somebody wrote this.\n');
    expect(mail.text).toContain('Somebody wrote this.');
  });

  it('given NUL and other control characters, none is left', async () => {
    const mail = await aMail({ Subject: '=?utf-8?B?QQBCB0MNCkJjYzogeA==?=' }, 'a\u0000b\u0008c');
    expect(mail.subject).toBe('ABC Bcc: x');
    expect(mail.text).toBe('abc');
  });

  it('given a very long subject, it is cut and kept whole beside', async () => {
    const mail = await aMail({ Subject: 'x'.repeat(5000) });
    expect(mail.subject).toHaveLength(998);
    expect(mail.fullSubject).toHaveLength(5000);
  });

  it.each(['', 'Pn, 29 paX 2007', 'Mon, 30 Jun 3609 15:33:50 +0600', '0'.repeat(500)])(
    'given the date "%s", there is none',
    async (date) => {
      expect((await aMail({ Date: date })).date).toBeNull();
    },
  );

  it('given references in every form, each id is there once, nearest first', async () => {
    const mail = await aMail({ 'In-Reply-To': '<c@x> (Anna)', References: '<a@x>\n\t<b@x>  <c@x> <c@x>' });
    expect(mail.references).toEqual(['c@x', 'b@x', 'a@x']);
  });

  it('given two From lines, it says so', async () => {
    expect((await aMail({ From: 'a@x.example', from: 'b@y.example' })).severalAuthors).toBe(true);
    expect((await aMail()).severalAuthors).toBe(false);
  });

  it('given an attached mail with files of its own, it stays one file', async () => {
    const mail = await mailCase('cases/forwarded/attached-nb.eml');
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['Ødelagt hengsel.eml']);
    expect(mail.text?.trim()).toBe('Kan noen ta denne?');
  });

  it('given a named text after the body, as Apple Mail sends it, the text is a file', async () => {
    const part = (disposition: string, text: string) =>
      `--b\nContent-Type: text/plain; charset=utf-8${disposition}\n\n${text}\n`;
    const mail = await aMail(
      { 'Content-Type': 'multipart/mixed; boundary=b' },
      `${part('', 'See the log.')}${part('; name="error.log"\nContent-Disposition: inline; filename="error.log"', 'boom')}--b--\n`,
    );
    expect(mail.text).toBe('See the log.');
    expect(mail.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual([
      ['error.log', 'boom'],
    ]);
  });

  it.each([
    ['filename="../../etc/passwd"', 'passwd'],
    ['filename="C:\\\\Users\\\\anna\\\\bilde.png"', 'bilde.png'],
    ["filename*=utf-8''%E2%82%AC%20rates.pdf", '€ rates.pdf'],
    ["filename*0*=utf-8''Tilbud%20; filename*1*=p%C3%A5%20d%C3%B8r.pdf", 'Tilbud på dør.pdf'],
    ['filename="=?iso-8859-1?Q?Perch=E9.pdf?="', 'Perché.pdf'],
    ['filename="invoice\u202Efdp.exe"', 'invoicefdp.exe'],
    ['filename="a\tb\r\n\tc.txt"', 'a b c.txt'],
    ['filename=".."', 'attachment.bin'],
    ['', 'attachment.bin'],
  ])('given the disposition %s, the file is called %s', async (disposition, expected) => {
    const mail = await readMail(
      Buffer.from(
        `From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; ${disposition}\r\n\r\nx\r\n--b--\r\n`,
      ),
    );
    expect(mail.attachments.map(({ filename }) => filename)).toEqual([expected]);
  });
});

describe('a mail that is too much', () => {
  const bomb = (parts: number) =>
    Buffer.from(
      `From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(parts)}--b--\r\n`,
    );
  const nested = (depth: number) => {
    const opening = Array.from(
      { length: depth },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
    );
    return Buffer.from(`From: a@x.example\r\n${opening.join('')}\r\nx\r\n`);
  };

  it.each([
    ['5,000 parts', bomb(5000), 'too_many_parts'],
    ['100,000 parts', bomb(100_000), 'too_many_parts'],
    ['parts nested 900 deep', nested(900), 'too_deep'],
    ['100 MB', Buffer.alloc(100 * 1024 * 1024, 'a'), 'too_big'],
    ['a header of 2 MB', Buffer.from(`Subject: ${'x'.repeat(2 * 1024 * 1024)}\r\n\r\nx`), 'headers_too_big'],
    [
      '300 files',
      Buffer.from(bomb(300).toString().replaceAll('--b\r\n\r\n', '--b\r\nContent-Type: image/png\r\n\r\n')),
      'too_many_attachments',
    ],
    ['nothing', Buffer.alloc(0), 'empty'],
  ])('given %s, it is refused with a sentence', async (_what, raw, code) => {
    const outcome = await parseMail(raw);
    expect(outcome).toMatchObject({ ok: false, code, reason: expect.stringMatching(/^The|^A .*\.$/) });
  });

  it('given 10,000 recipients, it is read, and the list is cut', async () => {
    const to = Array.from({ length: 10_000 }, (_, index) => `person${index}@x.example`).join(',\n ');
    const mail = await aMail({ To: to });
    expect(mail.to).toHaveLength(DEFAULT_LIMITS.recipients);
    expect(mail.recipientsLeftOut).toBe(9000);
  });

  it('given a body over the limit, part is shown and the whole is a file', async () => {
    const mail = await aMail({}, 'word '.repeat(300_000));
    expect(mail.text).toHaveLength(DEFAULT_LIMITS.bodyCharacters);
    expect(mail.attachments).toMatchObject([{ filename: 'message.txt', size: 1_500_000 }]);
  });

  it('given any bytes at all, it answers and never throws', async () => {
    const header = fc.constantFrom(
      'From: ',
      'To: ',
      'Subject: ',
      'Content-Type: ',
      'Content-Disposition: ',
      'Date: ',
      'References: ',
      'X: ',
    );
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'multipart/mixed; boundary=b',
        'text/html; charset=utf-16',
        '=?x?B?AAA=?=',
        '<@:,;<>',
        'attachment; filename*0*=x',
      ),
    );
    const mail = fc.tuple(
      fc.array(fc.tuple(header, value)),
      fc.oneof(fc.string(), fc.constant('--b\r\n\r\nx\r\n--b--')),
    );
    await fc.assert(
      fc.asyncProperty(mail, async ([fields, body]) => {
        const outcome = await parseMail(
          Buffer.from(`${fields.map((field) => field.join('')).join('\r\n')}\r\n\r\n${body}`, 'latin1'),
        );
        expect(typeof outcome.ok).toBe('boolean');
      }),
      { numRuns: 200 },
    );
  });
});

describe('one message', () => {
  it('given the same mail by two ways, Message-ID and Date make one key', async () => {
    const headers = { 'Message-ID': '<a@x>', Date: 'Mon, 3 Nov 2025 10:00:00 +0000' };
    const [direct, viaList] = [
      await aMail(headers),
      await aMail({ ...headers, Received: 'from list' }, 'Hello\n\n-- \nlist footer\n'),
    ];
    expect(messageKey(viaList)).toBe(messageKey(direct));
    expect(viaList.contentHash).not.toBe(direct.contentHash);
  });

  it.each(['<a@x', 'a@x>', 'a@x', '<a@x> <b@x'])(
    'given the Message-ID %s, it is read without its brackets, so that it can be answered',
    async (id) => {
      const mail = await aMail({ 'Message-ID': id, References: '<r@x' });
      expect([mail.messageId, mail.references]).toEqual(['a@x', ['r@x']]);
    },
  );

  it('given a Message-ID longer than a line may be, what is kept of it has no bracket', async () => {
    expect((await aMail({ 'Message-ID': `<${'m'.repeat(2000)}@x>` })).messageId).toBe('m'.repeat(998));
  });

  it('given no Message-ID, the content is the key, and the author is part of it', async () => {
    const [anna, again, emma] = [
      await aMail({ From: 'anna@x.example' }),
      await aMail({ From: 'anna@x.example' }),
      await aMail(),
    ];
    expect(messageKey(again)).toBe(messageKey(anna));
    expect(messageKey(emma)).not.toBe(messageKey(anna));
  });
});
