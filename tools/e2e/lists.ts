import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrowserContext, type Page } from 'playwright-core';
import { eventually } from './product.ts';
import { phone, type Stage } from './stage.ts';

/** More than one page of a list, so that its end is not loaded yet. */
const many = 130;
const title = (index: number) => `Row ${String(index).padStart(3, '0')}`;

export function lists(stage: Stage): void {
  describe('a long list', () => {
    let page: Page;
    let context: BrowserContext;
    const titles = () =>
      page.locator('[role=row][data-row]').evaluateAll((rows) =>
        rows
          .map((row) => ({ top: row.getBoundingClientRect().top, text: row.querySelector('a')?.textContent ?? '' }))
          .sort((a, b) => a.top - b.top)
          .map(({ text }) => text),
      );

    beforeAll(async () => {
      for (let start = 1; start <= many; start += 10)
        await Promise.all(
          Array.from({ length: 10 }, (_, index) =>
            stage.product.request('POST', '/items', { title: title(start + index), tags: ['long'] }),
          ),
        );
      ({ page, context } = await stage.enter('administrator'));
    });
    afterAll(() => context?.close());

    it('is sorted by the head of a column, up and down, and the address says so', async () => {
      await page.goto(stage.at('views/all-open?tag=long'));
      const head = page.getByRole('columnheader', { name: 'Title' });
      await head.getByRole('button').click();
      await page.waitForURL(/sort=title/);
      await eventually(async () => expect((await titles())[0]).toBe(title(1)));
      expect(await head.getAttribute('aria-sort')).toBe('ascending');
      await head.getByRole('button').click();
      await page.waitForURL(/sort=-title/);
      await eventually(async () => expect((await titles())[0]).toBe(title(many)));
    });

    it('jumps to its end and back to its start, and loads upwards from there', async () => {
      await page.goto(stage.at('views/all-open?tag=long&sort=title'));
      await page.getByText(title(1)).waitFor();
      await page.getByRole('row', { name: new RegExp(title(1)) }).focus();
      await page.keyboard.press('End');
      await page.getByText(title(many)).waitFor();
      // From the end upwards, page by page, without a gap.
      const seen = new Set<string>();
      await page.getByText(title(many)).hover();
      await eventually(async () => {
        for (const text of await titles()) seen.add(text);
        await page.mouse.wheel(0, -300);
        expect(seen.size).toBe(many);
      });
      await page.getByRole('button', { name: 'The start' }).click();
      await page.getByText(title(1)).waitFor();
    });

    it('jumps to a day', async () => {
      await page.goto(stage.at('views/all-open?tag=long&sort=-createdAt'));
      await page.getByRole('button', { name: /^Sort/ }).click();
      await page.getByRole('menuitem', { name: 'A day' }).click();
      const day = page.getByLabel('A day');
      // Nothing is older than this: the whole list stands above it.
      await day.fill('2020-01-01');
      await page.getByRole('button', { name: 'The start' }).waitFor();
      await page.getByText(title(1)).waitFor();
    });

    it('on a phone is drawn aside by a finger: to the right it is finished', async () => {
      const { page: small, context: pocket } = await stage.enter('administrator', {
        viewport: phone,
        hasTouch: true,
        isMobile: true,
      });
      const item = (await stage.product.request('POST', '/items', { title: 'Draw me aside' })) as { id: string };
      await small.goto(stage.at('views/all-open'));
      const row = small.getByRole('row', { name: /Draw me aside/ });
      await row.waitFor();
      const { x, y, height } = (await row.boundingBox()) as { x: number; y: number; height: number };
      const wire = await pocket.newCDPSession(small);
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', by: number) =>
        wire.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: type === 'touchEnd' ? [] : [{ x: x + 80 + by, y: y + height / 2 }],
        });
      await touch('touchStart', 0);
      for (const by of [20, 60, 100, 140]) await touch('touchMove', by);
      await touch('touchEnd', 140);
      await eventually(async () =>
        expect(await stage.product.request('GET', `/items/${item.id}`)).toMatchObject({
          status: { state: 'finished' },
        }),
      );
      await pocket.close();
    });
  });
}
