import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrowserContext, type Page } from 'playwright-core';
import { eventually } from './product.ts';
import { type Stage } from './stage.ts';

export function keyboard(stage: Stage): void {
  describe('without a mouse', () => {
    let page: Page;
    let context: BrowserContext;
    let number: number;
    const item = () => stage.product.request('GET', `/items/${number}`);
    const focused = () => page.evaluate<string>('document.activeElement.textContent');

    beforeAll(async () => {
      ({ page, context } = await stage.enter('administrator'));
      await stage.product.request('POST', '/items', { title: 'Keys: the second' });
      ({ number } = (await stage.product.request('POST', '/items', { title: 'Keys: the first' })) as {
        number: number;
      });
      await page.goto(stage.at('home'));
      await page.getByRole('heading', { name: 'My work' }).waitFor();
    });
    afterAll(() => context?.close());

    it('one skips to the content, and goes where one wants', async () => {
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Skip to content');
      await page.keyboard.press('Enter');
      await page.keyboard.press('g');
      await page.keyboard.press('n');
      await page.waitForURL(/notifications/);
      await page.keyboard.press('g');
      await page.keyboard.press('p');
      await page.waitForURL(/customers/);
      await page.keyboard.press('g');
      await page.keyboard.press('t');
      await page.waitForURL(/views\/all-open/);
      await page.getByRole('row', { name: /Keys: the first/ }).waitFor();
    });

    it('one walks through a list, opens, goes on and comes back to the same row', async () => {
      const current = page.locator('[role=row][data-current]');
      await page.keyboard.press('j');
      await expectText(current, 'Keys: the first');
      await page.keyboard.press('j');
      await expectText(current, 'Keys: the second');
      await page.keyboard.press('k');
      await page.keyboard.press('Enter');
      await page.waitForURL(new RegExp(`open=${number}`));
      await page.getByRole('heading', { name: 'Keys: the first' }).waitFor();
      await page.keyboard.press('j');
      await page.getByRole('heading', { name: 'Keys: the second' }).waitFor();
      await page.keyboard.press('k');
      await page.getByRole('heading', { name: 'Keys: the first' }).waitFor();
      await page.keyboard.press('f');
      await page.waitForURL(new RegExp(`/i/${number}`));
      await page.getByRole('heading', { name: 'Keys: the first', level: 1 }).waitFor();
      await page.keyboard.press('f');
      await page.waitForURL(new RegExp(`open=${number}`));
      await page.keyboard.press('Escape');
      await page.waitForURL((url) => !url.search.includes('open='));
      await expectText(current, 'Keys: the first');
    });

    it('one changes status, priority, people and tags of what is open, and takes it back', async () => {
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Keys: the first' }).waitFor();
      for (const [key, name, words] of [
        ['s', 'Status', 'waiting'],
        ['p', 'Priority', 'low'],
        ['l', 'Tags', 'boat'],
      ] as const) {
        await page.keyboard.press(key);
        const search = page.getByRole('dialog', { name }).getByRole('textbox');
        await search.waitFor();
        await page.keyboard.type(words);
        await page
          .getByRole('option', { name: new RegExp(words, 'i') })
          .first()
          .waitFor();
        await page.keyboard.press('Enter');
        await eventually(async () => {
          if (await search.isVisible()) await page.keyboard.press('Escape');
          expect(await search.isVisible()).toBe(false);
        });
      }
      await page.keyboard.press('i');
      await eventually(async () =>
        expect(await item()).toMatchObject({
          status: { name: 'Waiting for customer' },
          priority: 1,
          tags: ['boat'],
          assignees: [{ name: 'Anna Conti' }],
        }),
      );
      await page.keyboard.press('z');
      await eventually(async () => expect(await item()).toMatchObject({ assignees: [] }));
    });

    it('one writes a note, sends it and finishes', async () => {
      await page.keyboard.press('n');
      await page.getByRole('textbox', { name: 'Add internal note' }).waitFor();
      await page.keyboard.type('Written without a mouse');
      await page.keyboard.press('Control+Enter');
      await page.getByRole('log').getByText('Written without a mouse').waitFor();
      await page.getByRole('textbox', { name: 'Add internal note' }).waitFor({ state: 'detached' });
      await page.keyboard.press('e');
      await eventually(async () => expect(await item()).toMatchObject({ status: { state: 'finished' } }));
    });

    it('one finds a page, a person or a command by a few letters, and a menu gives the focus back', async () => {
      await page.goto(stage.at('views/all-open'));
      await page.locator('[role=row][data-row]').first().waitFor();
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('Search tickets, people and commands').waitFor();
      await page.keyboard.type('harbour');
      await page.getByText('Harbour & Sons').last().waitFor();
      await page.keyboard.press('Escape');
      await page.getByPlaceholder('Search tickets, people and commands').waitFor({ state: 'hidden' });
      const columns = page.getByRole('button', { name: 'Columns' });
      await columns.focus();
      await page.keyboard.press('Enter');
      const created = page.getByRole('menuitemcheckbox', { name: 'Created' });
      await created.waitFor();
      await created.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('columnheader', { name: 'Created' }).waitFor();
      await page.keyboard.press('Escape');
      await eventually(async () =>
        expect(await page.evaluate<string>('document.activeElement.ariaLabel')).toBe('Columns'),
      );
      await page.getByRole('menu').waitFor({ state: 'hidden' });
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    });
  });
}

const expectText = (locator: ReturnType<Page['locator']>, text: string) =>
  eventually(async () => expect(await locator.textContent()).toContain(text));
