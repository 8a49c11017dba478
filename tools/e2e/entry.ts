import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrowserContext, type Page } from 'playwright-core';
import { eventually } from './product.ts';
import { linkInMailTo, type Stage } from './stage.ts';

export function entry(stage: Stage): void {
  describe('coming in', () => {
    let page: Page;
    let context: BrowserContext;
    const password = 'a-long-enough-one';

    beforeAll(async () => {
      context = await stage.open();
      page = await context.newPage();
    });
    afterAll(() => context?.close());

    it('by sign-up: an empty workspace opens on its three steps', async () => {
      await page.goto(`${stage.product.web}/sign-up`);
      await page.getByLabel('Name of your company').fill('Bottega Nuova');
      expect(await page.getByLabel('Address of the workspace').inputValue()).toBe('bottega-nuova');
      await page.getByLabel('Your name').fill('Carla Neri');
      await page.getByLabel('Mail address').fill('carla@bottega.example');
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await page.getByRole('button', { name: 'Make the workspace' }).click();
      await page.waitForURL(/\/bottega-nuova\/home/);
      const steps = page.getByRole('region', { name: /Three steps/ });
      for (const name of ['Mail yourself', 'Invite someone', 'Forward your address'])
        await steps.getByRole('heading', { name }).waitFor();
      await page.getByText('Nothing is waiting for you.').waitFor();
    });

    it('by invitation: the link in the mail leads in', async () => {
      await page.getByRole('link', { name: 'Invite a colleague' }).click();
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await page.getByLabel('Mail addresses').fill('dario@bottega.example');
      await page.getByRole('button', { name: 'Send the invitation' }).click();
      await page.getByText('dario@bottega.example').waitFor();
      const link = await eventually(() => linkInMailTo(stage.product, 'dario@bottega.example', 'invitation'));
      const guest = await stage.open();
      const door = await guest.newPage();
      await door.goto(link);
      await door.getByRole('heading', { name: 'Join Bottega Nuova' }).waitFor();
      await door.getByLabel('Your name').fill('Dario Bruni');
      await door.getByRole('textbox', { name: 'Password' }).fill(password);
      await door.getByRole('button', { name: 'Join' }).click();
      await door.waitForURL(/\/bottega-nuova\/home/);
      // Whoever invited sees it at once.
      await page.getByText('Dario Bruni').waitFor();
      await guest.close();
    });

    it('by reset: a new password from the mail, and the old one no longer works', async () => {
      await page.getByRole('button', { name: 'Bottega Nuova' }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.waitForURL(/\/bottega-nuova\/sign-in/);
      await page.getByRole('button', { name: 'Forgot the password?' }).click();
      await page.getByLabel('Mail address').fill('carla@bottega.example');
      await page.getByRole('button', { name: 'Mail me the link' }).click();
      await page.getByText(/a link is on its way/).waitFor();
      await page.goto(await eventually(() => linkInMailTo(stage.product, 'carla@bottega.example', 'password-reset')));
      await page.getByRole('textbox', { name: 'New password' }).fill(`${password}-now`);
      await page.getByRole('button', { name: 'Save and sign in' }).click();
      await page.waitForURL(/\/bottega-nuova\/home/);

      const other = await stage.open();
      const door = await other.newPage();
      await door.goto(`${stage.product.web}/bottega-nuova/sign-in`);
      await door.getByLabel('Mail address').fill('carla@bottega.example');
      await door.getByRole('textbox', { name: 'Password' }).fill(password);
      await door.getByRole('button', { name: 'Sign in' }).click();
      await door.getByRole('alert').waitFor();
      expect(door.url()).toContain('/sign-in');
      await other.close();
    });

    it('with a cut link one is told so', async () => {
      for (const path of ['invitation?token=x', 'password-reset']) {
        await page.goto(`${stage.product.web}/${path}`);
        await page.getByText('A piece of it is missing').waitFor();
      }
    });
  });
}
