import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHROMIUM_ARGUMENTS, ensureChromium } from '@sportello/testing/provision';
import nodemailer from 'nodemailer';
import { chromium, type Browser, type Page } from 'playwright-core';
import { dot } from './letters.ts';
import { eventually, startProduct, type Product } from './product.ts';

interface ItemOf {
  data: { id: string; number: number; title: string; status: { state: string; name: string } }[];
}
interface MessagesOf {
  data: {
    id: string;
    html: string;
    subject: string | null;
    mail: { verdict: string } | null;
    attachments: { id: string; name: string; inline: boolean; size: number }[];
  }[];
}

describe('the main job, in a real browser over real SMTP', () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  const customer = { name: 'Ola Nordmann', address: 'ola@nordlys.example' };
  const subject = `Kalenderen viser feil dag`;

  const write = async (mail: object) => {
    const smtp = nodemailer.createTransport({ ...product.smtp, secure: false, ignoreTLS: true });
    const { messageId } = await smtp.sendMail({ from: customer, to: product.demo.address, ...mail });
    smtp.close();
    return messageId;
  };
  const itemNamed = async (title: string) => {
    const { data } = (await product.request('GET', '/items?limit=50')) as ItemOf;
    const item = data.find((each) => each.title === title);
    if (!item) throw new Error(`no item "${title}"`);
    return item;
  };
  const messagesOf = async (id: string) => ((await product.request('GET', `/items/${id}/messages`)) as MessagesOf).data;

  beforeAll(async () => {
    product = await startProduct();
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: [...CHROMIUM_ARGUMENTS] });
    page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  }, 300_000);

  it('a customer’s mail becomes a ticket, the team answers it, the customer reads the answer and answers again', async () => {
    // The agent has the open list before them.
    const anna = product.demo.users.find(({ role }) => role === 'administrator') as Product['demo']['users'][number];
    await page.goto(`${product.web}/${product.demo.workspace}/sign-in`);
    await page.getByLabel(/Mail address/).fill(anna.email);
    await page
      .getByLabel(/^Password/)
      .first()
      .fill(anna.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(/\/home/);
    await page.goto(`${product.web}/${product.demo.workspace}/views/all-open`);
    await page.getByText('Invoice for October').first().waitFor();

    // A customer writes, with an image in the text and a file.
    await write({
      subject,
      html: '<p>Hei, kalenderen viser <b>feil dag</b>:</p><p><img src="cid:dot@nordlys.example"></p>',
      attachments: [
        { filename: 'skjermbilde.png', content: dot, cid: 'dot@nordlys.example', contentType: 'image/png' },
        { filename: 'logg æøå.txt', content: 'linje 1\n', contentType: 'text/plain' },
      ],
    });

    // It is in the list without a reload.
    await page.getByText(subject).first().waitFor({ timeout: 15_000 });
    const { id, number } = await itemNamed(subject);
    const [first] = await messagesOf(id);
    expect(first?.attachments.map(({ name, inline }) => ({ name, inline }))).toEqual([
      { name: 'skjermbilde.png', inline: true },
      { name: 'logg æøå.txt', inline: false },
    ]);

    // The agent opens it: the image is shown in the text.
    await page.getByText(subject).first().click();
    await page.waitForURL(/open=/);
    await eventually(async () => {
      const width = await page
        .locator('img[src*="/api/v1/files/"]')
        .first()
        .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
      expect(width).toBe(5);
    });

    // And answers with formatting and a file.
    await page.keyboard.press('r');
    const editor = page.getByRole('textbox', { name: /^Send to Ola/ });
    await editor.click();
    await page.keyboard.type('Hei Ola, ');
    await page.keyboard.press('Control+b');
    await page.keyboard.type('det er rettet');
    await page.keyboard.press('Control+b');
    await page.keyboard.type(' nå.');
    await page
      .locator('input[type=file]')
      .last()
      .setInputFiles({ name: 'oppskrift.txt', mimeType: 'text/plain', buffer: Buffer.from('1. Logg inn på nytt\n') });
    await page.getByText('oppskrift.txt').first().waitFor();
    await page.getByRole('button', { name: /^Send to Ola/ }).click();
    await page.getByRole('button', { name: 'Send now' }).click();

    // The customer's mail program shows it below the mail that it answers.
    const answer = await eventually(async () => {
      const mails = (await product.mailsTo(customer.address)).filter(
        (mail) => mail.html && mail.html.includes('det er rettet'),
      );
      expect(mails).toHaveLength(1);
      return mails[0] as NonNullable<(typeof mails)[0]>;
    });
    const sent = (await messagesOf(id)).at(-1);
    expect(answer.html).toContain('<strong>det er rettet</strong>');
    expect(answer.subject).toBe(`Re: ${subject} [#${number}]`);
    expect([answer.inReplyTo, ...[answer.references].flat()].join(' ')).toContain('@');
    expect(answer.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual([
      ['oppskrift.txt', '1. Logg inn på nytt\n'],
    ]);
    expect(answer.from?.value[0]?.name).toContain('Anna');
    expect(sent?.html).toContain('det er rettet');

    // The customer answers from Outlook, with another subject: it lands on the same ticket.
    const reply = (changed: string, text: string) =>
      write({
        to: answer.replyTo?.value[0]?.address,
        subject: changed,
        inReplyTo: answer.messageId,
        references: [answer.messageId],
        headers: { 'X-Mailer': 'Microsoft Outlook 16.0', 'Thread-Topic': changed },
        html: `<div class="WordSection1"><p class="MsoNormal">${text}</p></div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Fra:</b> Officina<br><b>Sendt:</b> fredag<br><b>Emne:</b> Re</p></div><p>Hei Ola, det er rettet nå.</p>`,
      });
    await reply('SV: Takk for hjelpen', 'Tusen takk!');
    await page.getByText('Tusen takk!').first().waitFor({ timeout: 15_000 });
    const answered = (await messagesOf(id)).at(-1);
    expect(answered).toMatchObject({ subject: 'SV: Takk for hjelpen', mail: { verdict: 'appended' } });
    expect(answered?.html).not.toContain('det er rettet');

    // The agent finishes it; an answer within the grace period reopens it.
    await page.keyboard.press('Escape');
    await page.goto(`${product.web}/${product.demo.workspace}/i/${number}`);
    await page.getByText('Tusen takk!').first().waitFor();
    await page.keyboard.press('e');
    await eventually(async () =>
      expect(await product.request('GET', `/items/${id}`)).toMatchObject({ status: { state: 'finished' } }),
    );
    await reply(`SV: ${subject}`, 'Feilen er tilbake.');
    await eventually(async () =>
      expect(await product.request('GET', `/items/${id}`)).toMatchObject({ status: { state: 'in-progress' } }),
    );
    expect((await messagesOf(id)).at(-1)).toMatchObject({ mail: { verdict: 'reopened' } });

    // Finished once more; an answer after the grace period opens a linked one.
    await product.request('PATCH', '/workspace', { graceSeconds: 0 });
    const { data: types } = (await product.request('GET', '/types')) as {
      data: { statuses: { id: string; state: string }[] }[];
    };
    const solved = types[0]?.statuses.find(({ state }) => state === 'finished')?.id;
    await product.request('PATCH', `/items/${id}`, { statusId: solved });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await reply('SV: Ny måned, samme feil', 'Nå skjer det igjen.');
    const second = await eventually(() => itemNamed('Ny måned, samme feil'));
    expect(await product.request('GET', `/items/${second.id}`)).toMatchObject({
      links: [{ id, relation: 'follow-up' }],
    });
    expect(await product.request('GET', `/items/${id}`)).toMatchObject({ status: { state: 'finished' } });
  }, 300_000);
});
