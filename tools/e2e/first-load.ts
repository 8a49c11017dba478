import { describe, expect, it } from '@jest/globals';
import { type Stage } from './stage.ts';

/** The budget of docs/architecture.md, in bytes on the wire: page, scripts, styles and fonts, each with its header. */
const budget = 250_000;

export function firstLoad(stage: Stage): void {
  describe('the first load', () => {
    it('of a list, nothing of it cached, stays within 250 kB by gzip', async () => {
      const { page, context } = await stage.enter('administrator');
      const wire = await context.newCDPSession(page);
      await wire.send('Network.enable');
      await wire.send('Network.setCacheDisabled', { cacheDisabled: true });
      await wire.send('Network.setExtraHTTPHeaders', { headers: { 'Accept-Encoding': 'gzip' } });
      const answers = new Map<string, { path: string; headers: Record<string, string> }>();
      const bytes = new Map<string, number>();
      wire.on('Network.responseReceived', ({ requestId, response }) => {
        answers.set(requestId, { path: response.url.replace(stage.product.web, ''), headers: response.headers });
      });
      wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => bytes.set(requestId, encodedDataLength));

      await page.goto(stage.at('views/all-open'));
      await page.getByText('Invoice for October').first().waitFor();
      await page.evaluate('document.fonts.ready.then(() => true)');

      const loaded = [...answers].flatMap(([id, { path, headers }]) =>
        path.startsWith('/api/') ? [] : [{ path, headers, size: bytes.get(id) ?? 0 }],
      );
      const sum = loaded.reduce((total, { size }) => total + size, 0);
      expect({ sum, loaded: loaded.map(({ path, size }) => `${size} ${path}`), fits: sum <= budget }).toMatchObject({
        fits: true,
      });
      for (const { path, headers } of loaded.filter(({ path }) => path.startsWith('/assets/'))) {
        expect([path, headers['cache-control']]).toEqual([path, 'public, max-age=31536000, immutable']);
        if (/\.(js|css)$/.test(path)) expect([path, headers['content-encoding']]).toEqual([path, 'gzip']);
      }
      await context.close();
    });
  });
}
