import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrowserContext, type Page } from 'playwright-core';
import { phone, settled, wide, type Stage } from './stage.ts';

/** A state of a page: its address, and what is done there. */
type Scene = [name: string, path: string, act?: (page: Page) => Promise<unknown>];

const click = (role: 'button' | 'tab' | 'link', name: string | RegExp) => (page: Page) =>
  page.getByRole(role, { name }).first().click();
const press = (key: string) => async (page: Page) => {
  await page.locator('[role=row][data-row]').first().waitFor();
  await page.keyboard.press(key);
};
const dialog = (page: Page) => page.getByRole('dialog').first().waitFor();
const menu = (page: Page) => page.getByRole('menu').first().waitFor();
const inTurn =
  (...acts: ((page: Page) => Promise<unknown>)[]) =>
  async (page: Page) => {
    for (const act of acts) await act(page);
  };

const outside: Scene[] = [
  ['sign-in', '/sign-in'],
  ['sign-in to a workspace', '/officina/sign-in'],
  ['which workspace', '/sign-in', click('button', 'Which workspace?')],
  ['forgotten password', '/officina/sign-in', click('button', 'Forgot the password?')],
  ['sign-up', '/sign-up'],
  ['new password', '/password-reset?token=abcdefghijklmnopqrstuvwxyz'],
  ['cut link', '/invitation?token=x'],
];

const inside: Scene[] = [
  ['my work', 'home'],
  ['table', 'views/all-open'],
  ['inbox', 'views/all-open?layout=inbox'],
  ['nothing matches', 'views/all-open?tag=no-such-tag'],
  ['filter', 'views/all-open?priority=5,4&requester.not=me&createdAt.after=2026-01-01'],
  ['filter menu', 'views/all-open', inTurn(click('button', 'Filter'), menu)],
  ['sort menu', 'views/all-open', inTurn(click('button', /^Sort/), menu)],
  ['selection', 'views/all-open', inTurn(press('j'), (page) => page.keyboard.press('x'), (page) => page.getByText('1 selected').waitFor())], // prettier-ignore
  ['palette', 'views/all-open', inTurn(press('Control+k'), dialog)],
  ['keys', 'views/all-open', inTurn(press('?'), dialog)],
  ['new ticket', 'views/all-open', inTurn(press('c'), dialog)],
  ['panel', 'views/all-open?open=1002'],
  ['full page', 'i/1002'],
  ['status', 'i/1002', inTurn(click('button', 'Waiting for customer'), dialog)],
  ['reply', 'i/1002', inTurn(click('button', /^Reply to Emma/), (page) => page.getByRole('textbox', { name: 'Send to Emma' }).waitFor())], // prettier-ignore
  ['note', 'i/1002', inTurn(click('button', /^Internal note/), (page) => page.getByRole('textbox', { name: 'Add internal note' }).waitFor())], // prettier-ignore
  ['about a mail', 'i/1002', click('button', 'About this mail')],
  ['details', 'i/1002', click('tab', 'Details')],
  ['activity', 'i/1002', click('tab', 'Activity')],
  ['no such ticket', 'i/999999'],
  ['views', 'views'],
  ['customers', 'customers'],
  ['customer', 'customers', inTurn(click('button', /^Emma Clarke|Emma Clarke/), (page) => page.getByRole('heading', { name: 'Emma Clarke' }).waitFor())], // prettier-ignore
  ['add customer', 'customers', inTurn(click('button', 'Add customer'), dialog)],
  ['organizations', 'organizations'],
  ['organization', 'organizations', inTurn(click('button', /Harbour & Sons/), (page) => page.getByRole('heading', { name: 'Harbour & Sons' }).waitFor())], // prettier-ignore
  ['notifications', 'notifications'],
  ['account', 'settings/account'],
  ['workspace', 'settings/workspace'],
  ['people', 'settings/people'],
  ['invite', 'settings/people', inTurn(click('button', 'Invite'), dialog)],
  ['types', 'settings/types'],
  ['mail', 'settings/mail'],
  ['wording', 'settings/mail', click('button', 'Wording')],
  ['add mailbox', 'settings/mail', inTurn(click('button', 'Add mailbox'), dialog)],
  ['quarantine', 'settings/quarantine'],
  ['developers', 'settings/developers'],
  ['new token', 'settings/developers', inTurn(click('button', 'New token'), dialog)],
  ['no such page', 'nothing/here'],
];

export function pages(stage: Stage): void {
  describe.each([
    ['wide', wide],
    ['phone', phone],
  ] as const)('no axe violation, light or dark, %s:', (size, viewport) => {
    let page: Page;
    let context: BrowserContext;
    let stranger: BrowserContext;
    beforeAll(async () => {
      ({ page, context } = await stage.enter('administrator', { viewport }));
      stranger = await stage.open({ viewport });
    });
    afterAll(async () => {
      await context?.close();
      await stranger?.close();
    });

    /** What stands only where there is room for it. */
    const onlyWide = new Set(['keys', 'selection', 'new ticket', 'palette']);

    const judge = async (name: string, on: Page, address: string, act?: Scene[2]) => {
      await on.emulateMedia({ colorScheme: 'light' });
      await on.goto(address);
      await settled(on);
      await act?.(on);
      await settled(on);
      const wrong = async (scheme: 'light' | 'dark') => {
        await on.emulateMedia({ colorScheme: scheme });
        await settled(on);
        const axe = new AxeBuilder({ page: on });
        // Colours are all that differs. An open menu stands beside the landmarks, as every menu of a web page does.
        const { violations } = await (
          scheme === 'dark' ? axe.withRules(['color-contrast']) : axe.disableRules(['region'])
        ).analyze();
        return violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, failureSummary }) => `${scheme} ${id}: ${failureSummary} ${html}`),
        );
      };
      expect({ name, wrong: [...(await wrong('light')), ...(await wrong('dark'))] }).toEqual({ name, wrong: [] });
    };

    for (const [name, path, act] of inside.filter(([name]) => size === 'wide' || !onlyWide.has(name)))
      it(name, () => judge(name, page, stage.at(path), act));

    for (const [name, path, act] of outside)
      it(name, async () => {
        const door = await stranger.newPage();
        await judge(name, door, `${stage.product.web}${path}`, act);
        await door.close();
      });
  });
}
