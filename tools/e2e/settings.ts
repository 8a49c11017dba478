import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { type BrowserContext, type Locator, type Page } from 'playwright-core';
import { hand, mailTo, ticketOf, type Ticket } from './letters.ts';
import { eventually } from './product.ts';
import { linkInMailTo, type Stage } from './stage.ts';

export function settings(stage: Stage): void {
  describe('the settings', () => {
    let page: Page;
    let context: BrowserContext;
    beforeAll(async () => void ({ page, context } = await stage.enter('administrator')));
    afterAll(() => context?.close());

    const block = (name: string) => page.getByRole('region', { name });
    const line = (within: string, words: string | RegExp) =>
      block(within).getByRole('listitem').filter({ hasText: words });
    const pick = async (within: Page | Locator, field: string, option: string) => {
      await within.getByLabel(field, { exact: true }).first().press('ArrowDown');
      await page.getByRole('option', { name: option, exact: true }).click();
    };
    /** The API by another token. */
    const call = (token: string, method: string, path: string, body?: object) =>
      fetch(`${stage.product.api}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });

    it('somebody is invited into a role and a team, comes in as such, and gets another role', async () => {
      await page.goto(stage.at('settings/people'));
      await page.getByRole('textbox', { name: 'Name of a new team' }).fill('Harbour crew');
      await page.getByRole('button', { name: 'Add team' }).click();
      await page.getByRole('button', { name: 'Remove the team: Harbour crew' }).waitFor();
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Invite' });
      await dialog.getByLabel('Mail addresses').fill('rolf@officina.example');
      await pick(dialog, 'Role', 'Administrator');
      await pick(dialog, 'Teams', 'Harbour crew');
      await page.keyboard.press('Tab');
      await dialog.getByRole('button', { name: 'Send the invitation' }).click();
      const invited = async (times: number) =>
        eventually(async () => expect(await stage.product.mailsTo('rolf@officina.example')).toHaveLength(times));
      await invited(1);
      await line('Invited', 'rolf@officina.example').getByRole('button', { name: 'Send again' }).click();
      await invited(2);

      const guest = await stage.open();
      const door = await guest.newPage();
      await door.goto(await eventually(() => linkInMailTo(stage.product, 'rolf@officina.example', 'invitation')));
      await door.getByLabel('Your name').fill('Rolf Aas');
      await door.getByRole('textbox', { name: 'Password' }).fill('a-long-enough-one');
      await door.getByRole('button', { name: 'Join' }).click();
      await door.waitForURL(/\/officina\/home/);
      const rolf = async () => (await guest.request.get(`${stage.product.api}/me`)).json();
      expect(await rolf()).toMatchObject({
        role: 'administrator',
        teams: expect.arrayContaining([expect.objectContaining({ name: 'Harbour crew' })]),
      });

      const role = page.getByLabel('Role of Rolf Aas').first();
      await role.waitFor();
      expect(await role.inputValue()).toBe('Administrator');
      await pick(page, 'Role of Rolf Aas', 'Member');
      await eventually(async () => expect(await rolf()).toMatchObject({ role: 'member' }));
      await guest.close();
    });

    it('a status is added, named anew, and removed: what has it gets the one that takes its place', async () => {
      await page.goto(stage.at('settings/types'));
      await page.getByRole('textbox', { name: 'Name of a new status' }).fill('On the bench');
      await block('Statuses').getByRole('button', { name: 'Add', exact: true }).click();
      const row = (name: string) =>
        block('Statuses')
          .getByRole('listitem')
          .filter({ has: page.getByRole('button', { name: `Remove ${name}` }) });
      const field = row('On the bench').getByRole('textbox', { name: 'Name', exact: true });
      await field.fill('In the workshop');
      await field.press('Enter');
      await row('In the workshop').waitFor();

      const { id, number } = (await stage.product.request('POST', '/items', { title: 'A broken hinge' })) as Ticket;
      const { data: types } = (await stage.product.request('GET', '/types')) as {
        data: { statuses: { id: string; name: string }[] }[];
      };
      const statusId = types[0]?.statuses.find(({ name }) => name === 'In the workshop')?.id;
      await stage.product.request('PATCH', `/items/${id}`, { statusId });

      await row('In the workshop').getByRole('button', { name: 'Remove In the workshop' }).click();
      const dialog = page.getByRole('dialog', { name: 'Remove In the workshop' });
      await pick(dialog, 'What has it gets instead', 'Waiting for customer');
      await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
      await row('In the workshop').waitFor({ state: 'detached' });
      await page.goto(stage.at(`i/${number}`));
      await page.getByRole('button', { name: 'Waiting for customer' }).waitFor();
    });

    it('a mail to customers is worded anew, and the next one says it', async () => {
      await page.goto(stage.at('settings/mail'));
      await block('Mails to customers').getByRole('button', { name: 'Wording' }).first().click();
      const text = block('Mails to customers').getByRole('textbox', { name: 'Text' }).first();
      const shipped = await text.inputValue();
      await text.fill('Ahoy {{ requester.name }}, we have your {{ item.number }}.');
      await text.blur();
      const back = block('Mails to customers').getByRole('button', { name: 'Back to the shipped wording' });
      await back.waitFor();
      const { number } = await ticketOf(stage.product, {
        from: { name: 'Ida Ravn', address: 'ida@ravn.example' },
        subject: 'A new greeting',
      });
      const mail = await mailTo(stage.product, 'ida@ravn.example', 'Ahoy');
      expect(mail.text).toContain(`Ahoy Ida Ravn, we have your ${number}.`);
      await back.click();
      await back.waitFor({ state: 'detached' });
      expect(await text.inputValue()).toBe(shipped);
    });

    it('an address that forwards here is tried out: the test mail comes back and confirms it', async () => {
      await page.goto(stage.at('settings/mail'));
      await page.getByRole('textbox', { name: 'Address that forwards here' }).fill('help@officina.example');
      await page.getByRole('button', { name: 'Add address' }).click();
      const address = line('Forwarded addresses', 'help@officina.example');
      await address.getByText('Nothing has arrived yet').waitFor();
      await address.getByRole('button', { name: 'Send test' }).click();
      await address.getByText('It came back').waitFor();
      await address.getByText('Mail arrives, last').waitFor();
      await page.getByRole('button', { name: 'Forget this address: help@officina.example' }).click();
      await address.waitFor({ state: 'detached' });
    });

    it('the code by which a mail provider asks to confirm a forwarding is shown', async () => {
      const letter = new URL('../../libs/testing/mail/cases/confirmation/gmail-en.eml', import.meta.url);
      await hand(stage.product, {
        envelope: { from: 'forwarding-noreply@google.com', to: stage.product.demo.address },
        raw: (await readFile(letter, 'utf8')).replaceAll('acme-7f3k2@in.sportello.example', stage.product.demo.address),
      });
      await page.goto(stage.at('settings/mail'));
      const question = page
        .getByRole('alert')
        .filter({ hasText: 'asks to confirm the forwarding support@acme.example' });
      await question.getByText('123456789', { exact: true }).waitFor();
      expect(await question.getByRole('link').getAttribute('href')).toMatch(/^https:\/\/mail-settings\.google\.com\//);
    });

    it('mail that was set aside is read, tried again and dropped', async () => {
      for (const subject of ['From nowhere, to be tried', 'From nowhere, to be dropped']) {
        await hand(stage.product, {
          envelope: { from: 'somebody@nowhere.example', to: stage.product.demo.address },
          raw: `From: Nobody <nobody@nowhere>\r\nTo: ${stage.product.demo.address}\r\nSubject: ${subject}\r\n\r\nWho wrote this?\r\n`,
        });
      }
      await page.goto(stage.at('settings/quarantine'));
      const tried = line('Set aside mail', 'From nowhere, to be tried');
      const dropped = line('Set aside mail', 'From nowhere, to be dropped');
      await tried.getByText(/Nobody could be answered/).waitFor();
      await dropped.waitFor();

      await tried.getByRole('button', { name: 'Read' }).click();
      const source = page.getByRole('dialog', { name: 'From nowhere, to be tried' });
      await source.getByText('Who wrote this?').waitFor();
      await source.getByRole('button', { name: 'Close' }).click();
      await source.waitFor({ state: 'hidden' });

      // Nothing has changed that would let it through: it is taken up, and set aside once more.
      const taken = page.waitForResponse((answer) => /\/quarantine\/.+\/retry$/.test(answer.url()));
      await tried.getByRole('button', { name: 'Try again' }).click();
      expect((await taken).ok()).toBe(true);
      await tried.getByText(/Nobody could be answered/).waitFor();

      for (const mail of [dropped, tried]) {
        await mail.getByRole('button', { name: 'Drop' }).click();
        const asked = page.getByRole('dialog', { name: 'Drop this mail?' });
        await asked.getByRole('button', { name: 'Drop' }).click();
        await asked.waitFor({ state: 'hidden' });
        await mail.waitFor({ state: 'detached' });
      }
      await page.reload();
      await page.getByText('Nothing was set aside.').waitFor();
    });

    it('a token of the API is shown once, may what it was made for, and nothing once it is revoked', async () => {
      await page.goto(stage.at('settings/developers'));
      await page.getByRole('button', { name: 'New token' }).click();
      const dialog = page.getByRole('dialog', { name: 'New token' });
      await dialog.getByLabel('Name').fill('The board in the hall');
      await pick(dialog, 'What it may', 'item.view');
      await page.keyboard.press('Tab');
      await dialog.getByRole('button', { name: 'Make the token' }).click();
      const token = (await dialog.getByText(/^spt_/).textContent()) ?? '';
      await dialog.getByRole('button', { name: 'Close' }).last().click();
      const made = line('API tokens', 'The board in the hall');
      await made.getByText('item.view').waitFor();
      await page.getByText(token).waitFor({ state: 'detached' });

      expect((await call(token, 'GET', '/items')).status).toBe(200);
      expect((await call(token, 'POST', '/items', { title: 'By the board' })).status).toBe(403);
      await page.getByRole('button', { name: 'Revoke: The board in the hall' }).click();
      await made.waitFor({ state: 'detached' });
      await eventually(async () => expect((await call(token, 'GET', '/items')).status).toBe(401));
    });

    it('what one is told of is kept, and kept to', async () => {
      const { id: annaId } = (await stage.product.request('GET', '/me')) as { id: string };
      const per = stage.product.demo.users.find(({ role }) => role === 'member')?.token ?? '';
      const assign = async (title: string) => {
        const assignees = [{ kind: 'user', id: annaId }];
        expect((await call(per, 'POST', '/items', { title, assignees })).status).toBe(201);
      };
      const wanted = page.getByRole('checkbox', { name: 'Something is assigned to me: In the app' });
      const turn = async (on: boolean) => {
        await page.goto(stage.at('settings/account'));
        await wanted.setChecked(on);
        await page.getByText('Saved').first().waitFor();
        await page.reload();
        await wanted.waitFor();
        expect(await wanted.isChecked()).toBe(on);
      };
      await assign('Told at first');
      await turn(false);
      await assign('Not told of');
      await turn(true);
      await assign('Told at last');

      await page.goto(stage.at('notifications'));
      const told = (title: string) => page.getByRole('listitem').filter({ hasText: title });
      await told('Told at last').getByText('Per Haugen assigned it to you').waitFor();
      await told('Told at first').waitFor();
      expect(await told('Not told of').count()).toBe(0);

      await told('Told at first').getByRole('button', { name: 'Mark read' }).click();
      await told('Told at first').getByRole('button', { name: 'Mark unread' }).waitFor();
      await page.getByRole('switch', { name: 'Unread only' }).check();
      await told('Told at first').waitFor({ state: 'detached' });
      await told('Told at last').getByRole('button').first().click();
      await page.getByRole('heading', { name: 'Told at last' }).waitFor();
      await told('Told at last').waitFor({ state: 'detached' });
      await page.reload();
      await told('Told at last').getByRole('button', { name: 'Mark unread' }).waitFor();
      await told('Told at first').getByRole('button', { name: 'Mark unread' }).waitFor();
    });
  });

  describe('customers and organizations', () => {
    let page: Page;
    let context: BrowserContext;
    beforeAll(async () => void ({ page, context } = await stage.enter('administrator')));
    afterAll(() => context?.close());
    const panel = (name: string) => page.getByRole('region', { name });
    const write = async (name: string, field: string, words: string) => {
      await panel(name).getByLabel(field, { exact: true }).fill(words);
      await panel(name).getByLabel(field, { exact: true }).blur();
    };

    it('an organization is added; whoever writes from its domain belongs to it', async () => {
      await page.goto(stage.at('organizations'));
      await page.getByRole('button', { name: 'Add organization' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add organization' });
      await dialog.getByLabel('Name').fill('Fjord Ferries');
      await dialog.getByLabel('Mail domains').first().fill('fjord.example');
      await page.keyboard.press('Enter');
      await dialog.getByRole('button', { name: 'Add organization' }).click();
      await panel('Fjord Ferries').waitFor();
      await write('Fjord Ferries', 'Name', 'Fjord Line');
      await panel('Fjord Line').waitFor();
      const { number } = await ticketOf(stage.product, {
        from: { name: 'Liv Strand', address: 'liv@fjord.example' },
        subject: 'The ferry was early',
      });
      await page.reload();
      await panel('Fjord Line')
        .getByRole('link', { name: /Liv Strand/ })
        .waitFor();
      await panel('Fjord Line')
        .getByRole('link', { name: new RegExp(`${number}.*The ferry was early`) })
        .waitFor();
    });

    it('a customer is added and changed, taken out as a file, and erased for good', async () => {
      await page.goto(stage.at('customers'));
      await page.getByRole('button', { name: 'Add customer' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add customer' });
      await dialog.getByLabel('Name').fill('Otto Lange');
      await dialog.getByLabel('Mail address').fill('otto@lange.example');
      await dialog.getByRole('button', { name: 'Add customer' }).click();
      await panel('Otto Lange').waitFor();
      await write('Otto Lange', 'Phone', '+47 22 00 00 00');
      await write('Otto Lange', 'Name', 'Otto Langeland');
      await panel('Otto Langeland').waitFor();
      await page.reload();
      await panel('Otto Langeland').waitFor();
      expect(await panel('Otto Langeland').getByLabel('Phone').inputValue()).toBe('+47 22 00 00 00');
      await ticketOf(stage.product, {
        from: { name: 'Otto Langeland', address: 'otto@lange.example' },
        subject: 'What do you know of me?',
      });

      const more = async (entry: string) => {
        await panel('Otto Langeland').getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name: entry }).click();
      };
      const coming = page.waitForEvent('download');
      await more('Export all about this person');
      const file = await coming;
      expect(file.suggestedFilename()).toBe('Otto Langeland.json');
      const content = await readFile(await file.path(), 'utf8');
      for (const known of ['otto@lange.example', '+47 22 00 00 00', 'What do you know of me?'])
        expect(content).toContain(known);

      await more('Erase this person');
      const asked = page.getByRole('dialog', { name: 'Erase Otto Langeland?' });
      await asked.getByRole('button', { name: 'Erase for good' }).click();
      await asked.waitFor({ state: 'hidden' });
      await page.getByRole('textbox', { name: 'Name or address' }).fill('otto');
      await page.getByText('Nobody of this name.').waitFor();
    });
  });
}
