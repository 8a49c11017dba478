import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrowserContext, type Page } from 'playwright-core';
import { dot, hand, mailTo, ticketOf, type Ticket } from './letters.ts';
import { eventually } from './product.ts';
import { type Stage } from './stage.ts';

export function composer(stage: Stage): void {
  describe('the composer', () => {
    let page: Page;
    let context: BrowserContext;
    let per: { page: Page; context: BrowserContext };

    beforeAll(async () => {
      ({ page, context } = await stage.enter('administrator'));
      per = await stage.enter('member');
    });
    afterAll(async () => {
      await context?.close();
      await per?.context.close();
    });

    const log = () => page.getByRole('log');
    const send = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
    const editor = (name: string | RegExp) => page.getByRole('textbox', { name, exact: true });
    const written = async (ticket: Ticket) =>
      ((await stage.product.request('GET', `/items/${ticket.id}/messages`)) as { data: { html: string }[] }).data.map(
        ({ html }) => html,
      );

    /** A mail of a customer, opened on its own page. */
    const received = async (from: { name: string; address: string }, subject: string, more: object = {}) => {
      const ticket = await ticketOf(stage.product, { from, subject, ...more });
      await page.goto(stage.at(`i/${ticket.number}`));
      await page.getByRole('heading', { name: subject, level: 1 }).waitFor();
      return ticket;
    };
    const begin = async (mode: 'Reply to' | 'Internal note', words: string) => {
      await page
        .getByRole('button', { name: new RegExp(`^${mode}`) })
        .last()
        .click();
      await page.locator('[contenteditable=true]').click();
      await page.keyboard.type(words);
    };
    /** What a browser makes of a file that is let go over the text, or of an image in the clipboard. */
    const give = (by: 'drop' | 'paste', file: { name: string; type: string; content: Buffer }) => {
      const event = by === 'drop' ? ['DragEvent', 'dataTransfer'] : ['ClipboardEvent', 'clipboardData'];
      return page.evaluate(`(() => {
        const files = new DataTransfer();
        const bytes = Uint8Array.from(atob('${file.content.toString('base64')}'), (each) => each.charCodeAt(0));
        files.items.add(new File([bytes], '${file.name}', { type: '${file.type}' }));
        const event = new ${event[0]}('${by}', { bubbles: true, cancelable: true, ${event[1]}: files });
        document.querySelector('[contenteditable=true]').dispatchEvent(event);
      })()`);
    };
    const widthOf = (alt: string) =>
      page.getByAltText(alt).evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);

    it('above it, an image in a mail is there at once, and one from elsewhere only after a click', async () => {
      const fetched: string[] = [];
      await page.route('https://images.example/**', (route) => {
        fetched.push(route.request().url());
        return route.fulfill({ contentType: 'image/png', body: dot });
      });
      await received({ name: 'Rita Blom', address: 'rita@blom.example' }, 'Two pictures', {
        html: '<p><img alt="inline dot" src="cid:dot@blom.example"> <img alt="remote dot" src="https://images.example/dot.png"></p>',
        attachments: [{ filename: 'dot.png', content: dot, cid: 'dot@blom.example', contentType: 'image/png' }],
      });
      await eventually(async () => expect(await widthOf('inline dot')).toBe(5));
      expect([await widthOf('remote dot'), fetched]).toEqual([0, []]);
      await page.getByRole('button', { name: 'Show remote image (1)' }).click();
      await eventually(async () => expect(await widthOf('remote dot')).toBe(5));
      expect(fetched).toEqual(['https://images.example/dot.png']);
    });

    it('a colleague who is mentioned in an internal note is told at once, and no customer is', async () => {
      await per.page.goto(stage.at('notifications'));
      await per.page.getByRole('heading', { name: 'Notifications' }).waitFor();
      const { number } = await received({ name: 'Siri Dahl', address: 'siri@dahl.example' }, 'A word for Per');
      const before = (await stage.product.mailsTo('siri@dahl.example')).length;
      await begin('Internal note', 'Do you know this one, @per');
      await page.getByRole('option', { name: 'Per Haugen' }).waitFor();
      await page.keyboard.press('Enter');
      await send('Add internal note').click();
      await log().getByText('Do you know this one, @Per Haugen').waitFor();
      const told = per.page.getByRole('listitem').filter({ hasText: 'A word for Per' });
      await told.getByText('Anna Conti mentioned you').waitFor();
      await told.getByRole('button').first().click();
      await per.page.waitForURL(new RegExp(`open=${number}`));
      await per.page.getByText('Do you know this one, @Per Haugen').last().waitFor();
      expect(await stage.product.mailsTo('siri@dahl.example')).toHaveLength(before);
    });

    it('a reply carries bold words, a file by drop and an image by paste to the customer', async () => {
      await received({ name: 'Tor Vik', address: 'tor@vik.example' }, 'How do I do it?');
      await begin('Reply to', 'Do it ');
      await page.getByRole('button', { name: 'Bold' }).click();
      await page.keyboard.type('like this');
      await give('drop', { name: 'steps.txt', type: 'text/plain', content: Buffer.from('1. Sign in\n') });
      await page.getByText('steps.txt').waitFor();
      await give('paste', { name: 'shot.png', type: 'image/png', content: dot });
      await page.locator('[contenteditable=true] img').waitFor();
      await send('Send to Tor').click();
      await send('Send now').click();
      const mail = await mailTo(stage.product, 'tor@vik.example', 'like this');
      expect(mail.html).toContain('<strong>like this</strong>');
      // The parser puts images of a mail into its text, as a mail program does.
      expect(mail.html).toContain(`src="data:image/png;base64,${dot.toString('base64')}"`);
      expect(mail.attachments.map(({ filename, related }) => [filename, Boolean(related)]).sort()).toEqual([
        ['shot.png', true],
        ['steps.txt', false],
      ]);
      expect(mail.attachments.find(({ filename }) => filename === 'steps.txt')?.content.toString()).toBe(
        '1. Sign in\n',
      );
    });

    it('it says to whom it goes, and the button does too; both follow a change', async () => {
      await received({ name: 'Una Lund', address: 'una@lund.example' }, 'For my accountant too');
      await begin('Reply to', 'For both of you');
      await send('Send to Una').waitFor();
      await page.getByRole('button', { name: 'To Una Lund' }).click();
      const field = page.getByLabel('Cc', { exact: true }).first();
      await field.fill('books@lund.example');
      await field.press('Enter');
      await send('Send to Una + 1').click();
      await send('Send now').click();
      const mail = await mailTo(stage.product, 'una@lund.example', 'For both of you');
      expect([mail.cc].flat()[0]?.value).toMatchObject([{ address: 'books@lund.example' }]);
      await eventually(async () => {
        const copies = (await stage.product.mailsTo('una@lund.example')).filter(({ text }) =>
          text?.includes('For both of you'),
        );
        expect(copies.map(({ headers }) => headers.get('x-envelope-to')).sort()).toEqual([
          'books@lund.example',
          'una@lund.example',
        ]);
      });
    });

    it('a reply and a note that were begun survive a reload, each for itself', async () => {
      await received({ name: 'Vera Moe', address: 'vera@moe.example' }, 'Half an answer');
      await begin('Reply to', 'Half an answer to Vera');
      await page.getByRole('radio', { name: 'Internal note' }).click();
      await page.locator('[contenteditable=true]').click();
      await page.keyboard.type('Half a note');
      await eventually(async () => expect(await keptDrafts(page)).toContain('Half a note'));
      await page.reload();
      await editor('Add internal note').getByText('Half a note').waitFor();
      await page.getByRole('radio', { name: 'Reply' }).click();
      await editor('Send to Vera').getByText('Half an answer to Vera').waitFor();
    });

    it('within ten seconds a reply is taken back and never leaves; left alone, it leaves by itself', async () => {
      const clocked = await context.newPage();
      const shown = page;
      page = clocked;
      await page.clock.install();
      const ticket = await received({ name: 'Wim Bos', address: 'wim@bos.example' }, 'Second thoughts');
      await begin('Reply to', 'The first thought');
      await send('Send to Wim').click();
      await log()
        .getByText(/^Leaves in/)
        .waitFor();
      await log().getByRole('button', { name: 'Undo' }).click();
      await editor('Send to Wim').getByText('The first thought').waitFor();
      await page.clock.fastForward(60_000);
      await editor('Send to Wim').fill('The second thought');
      await send('Send to Wim').click();
      await log()
        .getByText(/^Leaves in/)
        .waitFor();
      await page.clock.fastForward(11_000);
      await mailTo(stage.product, 'wim@bos.example', 'The second thought');
      expect((await written(ticket)).filter((html) => html.includes('thought<'))).toEqual([
        expect.stringContaining('The second thought'),
      ]);
      const mails = await stage.product.mailsTo('wim@bos.example');
      expect(mails.filter(({ text }) => text?.includes('The first thought'))).toEqual([]);
      await page.close();
      page = shown;
    });

    it('“Send and set to …” sets the status that was chosen', async () => {
      const { id } = await received({ name: 'Xenia Roth', address: 'xenia@roth.example' }, 'Set it, please');
      await begin('Reply to', 'We are on it');
      await page.getByRole('button', { name: 'Send and set to …' }).click();
      // Without it, a reply would set "Waiting for customer".
      await page.getByRole('menuitem', { name: 'Open' }).click();
      await send('Send now').click();
      await mailTo(stage.product, 'xenia@roth.example', 'We are on it');
      await eventually(async () =>
        expect(await stage.product.request('GET', `/items/${id}`)).toMatchObject({ status: { name: 'Open' } }),
      );
      await page.getByRole('button', { name: 'Open', exact: true }).waitFor();
    });

    it('a reply that comes back says so and why, and is sent again by a click', async () => {
      await received({ name: 'Yan Holt', address: 'yan@holt.example' }, 'A full house');
      await begin('Reply to', 'There is room');
      await send('Send to Yan').click();
      await send('Send now').click();
      const mail = await mailTo(stage.product, 'yan@holt.example', 'There is room');
      await log().getByRole('button', { name: 'Sent', exact: true }).waitFor();
      await comeBack(stage, String(mail.headers.get('x-envelope-from')), 'yan@holt.example');
      await log().getByRole('button', { name: 'Came back' }).click();
      await page.getByText('No such person here').waitFor();
      await page.getByRole('button', { name: 'Send again' }).click();
      await log().getByRole('button', { name: 'Sent', exact: true }).waitFor();
      await eventually(async () => {
        const mails = (await stage.product.mailsTo('yan@holt.example')).filter(({ text }) =>
          text?.includes('There is room'),
        );
        expect(mails.map(({ messageId }) => messageId)).toEqual([mail.messageId, mail.messageId]);
      });
    });

    it('one changes a note of one’s own, reads its earlier wording and deletes it', async () => {
      await received({ name: 'Zoe Falk', address: 'zoe@falk.example' }, 'Loud thinking');
      await begin('Internal note', 'The first wording');
      await send('Add internal note').click();
      const note = log().getByRole('listitem', { name: 'Anna Conti, internal note' });
      await note.getByText('The first wording').waitFor();
      await note.getByRole('button', { name: 'More about this message' }).click();
      await page.getByRole('menuitem', { name: 'Edit' }).click();
      await note.getByRole('textbox', { name: 'Edit' }).fill('The second wording');
      await note.getByRole('button', { name: 'Save' }).click();
      await note.getByText('The second wording').waitFor();
      await note.getByRole('button', { name: 'edited' }).click();
      const history = page.getByRole('dialog', { name: 'Earlier wordings' });
      await history.getByText('The first wording').waitFor();
      await history.getByRole('button', { name: 'Close' }).click();
      await history.waitFor({ state: 'hidden' });
      await note.getByRole('button', { name: 'More about this message' }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await log()
        .getByText(/^Anna Conti deleted a message/)
        .waitFor();
      expect(await page.getByText('The second wording').count()).toBe(0);
    });
  });

  describe('a new ticket', () => {
    let page: Page;
    let context: BrowserContext;
    beforeAll(async () => void ({ page, context } = await stage.enter('administrator')));
    afterAll(() => context?.close());

    const forCustomer = async (typed: string, option: string | RegExp) => {
      await page.goto(stage.at('home'));
      await page.getByRole('heading', { name: 'My work' }).waitFor();
      await page.keyboard.press('c');
      const dialog = page.getByRole('dialog', { name: 'New ticket' });
      await dialog.getByRole('button', { name: 'For a customer' }).click();
      await page.getByRole('textbox', { name: 'Name or address of a customer' }).fill(typed);
      await page.getByRole('option', { name: option }).click();
      return dialog;
    };

    it.each([
      ['who is known', 'Tom', /Tom Reed/, 'Tom Reed', 'tom@harbour.example'],
      ['who is new', 'Nina Berg nina@berg.example', /^Create/, 'Nina Berg', 'nina@berg.example'],
    ])('for a customer %s begins with a mail to them', async (_, typed, option, name, address) => {
      const dialog = await forCustomer(typed, option);
      await dialog.getByText(`Message to ${name}`).waitFor();
      await dialog.getByRole('textbox', { name: 'Title' }).fill(`A call from ${name}`);
      await dialog.getByRole('textbox', { name: 'Description' }).fill(`As we said, ${name}: by Friday.`);
      await dialog.getByRole('button', { name: 'Create and send' }).click();
      await page.waitForURL(/\/i\/\d+/);
      await page.getByRole('heading', { name: `A call from ${name}`, level: 1 }).waitFor();
      await page.getByRole('log').getByText(`As we said, ${name}: by Friday.`).waitFor();
      const mail = await mailTo(stage.product, address, `As we said, ${name}: by Friday.`);
      expect(mail.subject).toContain(`A call from ${name}`);
      expect([mail.to].flat()[0]?.value).toMatchObject([{ address }]);
    });
  });
}

/** What the browser holds of drafts: they are written down a moment after the last key. */
const keptDrafts = (page: Page) =>
  page.evaluate<string>(`new Promise((resolve) => {
    const opening = indexedDB.open('keyval-store');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('keyval').objectStore('keyval').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(JSON.stringify(reading.result));
      };
    };
  })`);

/** The customer's mail server sends a mail back: there is nobody of that name. */
const comeBack = (stage: Stage, to: string, recipient: string) =>
  hand(stage.product, {
    envelope: { from: '', to },
    raw: [
      'From: Mail Delivery System <MAILER-DAEMON@mx.holt.example>',
      `To: ${to}`,
      'Subject: Undelivered Mail Returned to Sender',
      `Message-ID: <${recipient}.returned@mx.holt.example>`,
      'Auto-Submitted: auto-replied',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="part"',
      '',
      '--part',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      'I could not deliver your mail.',
      '',
      '--part',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.holt.example',
      '',
      `Final-Recipient: rfc822; ${recipient}`,
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550 5.1.1 No such person here',
      '',
      '--part--',
      '',
    ].join('\r\n'),
  });
