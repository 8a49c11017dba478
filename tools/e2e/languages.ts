import { afterAll, describe, expect, it } from '@jest/globals';
import { settled, type Stage } from './stage.ts';

const paths = [
  'home',
  'views/all-open?open=1002',
  'i/1002',
  'customers',
  'organizations',
  'notifications',
  'views',
  ...['account', 'workspace', 'people', 'types', 'mail', 'quarantine', 'developers'].map((name) => `settings/${name}`),
];
/** A text that has no words in the language shows its key: `view.names.mine`. */
const keys = /\b(conversation|entry|item|keys|notification|people|settings|shell|view)\.[a-z][\w.]+/g;

export function languages(stage: Stage): void {
  describe('the interface', () => {
    afterAll(() => stage.product.request('PATCH', '/me', { language: 'en' }));

    it.each([
      ['it', 'Il mio lavoro', 'Impostazioni'],
      ['nb', 'Mitt arbeid', 'Innstillinger'],
    ])('speaks %s, on every page, without a missing word', async (language, home, settings) => {
      await stage.product.request('PATCH', '/me', { language });
      const { page, context } = await stage.enter('administrator');
      const missing: string[] = [];
      page.on('console', (message) => void (/missingKey/.test(message.text()) && missing.push(message.text())));
      for (const path of paths) {
        await page.goto(stage.at(path));
        await settled(page);
        await page.getByText(home).first().waitFor();
        // The help for the wording of mails names what may be filled in.
        const text = (await page.locator('body').innerText()).replace('item.number, item.title', '');
        expect([path, text.match(keys) ?? []]).toEqual([path, []]);
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
      }
      await page.getByRole('heading', { name: settings }).waitFor();
      expect(missing).toEqual([]);
      await context.close();
    });
  });
}
