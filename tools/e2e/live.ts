import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BrowserContext, type Page } from 'playwright-core';
import { eventually } from './product.ts';
import { type Stage } from './stage.ts';

export function live(stage: Stage): void {
  describe('two browsers', () => {
    let anna: Page;
    let per: Page;
    const contexts: BrowserContext[] = [];
    const make = async (title: string) =>
      (await stage.product.request('POST', '/items', { title })) as { id: string; number: number };

    beforeAll(async () => {
      for (const who of ['administrator', 'member'] as const) {
        const { page, context } = await stage.enter(who);
        contexts.push(context);
        if (who === 'administrator') anna = page;
        else per = page;
      }
    });
    afterAll(async () => {
      for (const context of contexts) await context.close();
    });

    it('show the same: what one changes, the other sees without a reload', async () => {
      const { number } = await make('The printer hums');
      await Promise.all([anna.goto(stage.at('views/all-open')), per.goto(stage.at(`i/${number}`))]);
      const row = anna.getByRole('row', { name: /The printer hums/ });
      await row.waitFor();
      await per.getByRole('textbox', { name: 'Title' }).fill('The printer sings');
      await per.keyboard.press('Enter');
      await anna.getByRole('row', { name: /The printer sings/ }).waitFor();
      // A row in use stays in its place: it is dimmed, and gone when one comes back.
      await per.getByRole('button', { name: /^Finish/ }).click();
      await eventually(async () =>
        expect(await stage.product.request('GET', `/items/${number}`)).toMatchObject({ status: { state: 'finished' } }),
      );
      await anna.getByRole('link', { name: /^Mine/ }).click();
      await anna.getByRole('link', { name: /^All open/ }).click();
      await anna.getByRole('row', { name: /Invoice for October/ }).waitFor();
      await eventually(async () => expect(await anna.getByText('The printer sings').count()).toBe(0));
    });

    it('say who else looks and who writes, and no longer when they have left', async () => {
      await anna.goto(stage.at('i/1001'));
      await anna.getByText('Buongiorno').first().waitFor();
      await per.goto(stage.at('i/1001'));
      await per.getByText('Buongiorno').first().waitFor();
      await anna.getByRole('status', { name: /Per Haugen/ }).waitFor();
      await per.keyboard.press('n');
      await per.getByRole('textbox', { name: 'Add internal note' }).fill('Looking into it');
      await anna.getByText(/Per Haugen is writing/).waitFor();
      await per.getByRole('link', { name: /^My work/ }).click();
      await anna.getByRole('status', { name: /Per Haugen/ }).waitFor({ state: 'detached' });
      await anna.getByText(/Per Haugen is writing/).waitFor({ state: 'detached' });
    });

    it('miss nothing: what happened while one was offline is there when the connection is back', async () => {
      const { id, number } = await make('Before the tunnel');
      await anna.goto(stage.at(`views/all-open?open=${number}`));
      await anna.getByRole('row', { name: /Before the tunnel/ }).waitFor();
      await anna.getByText('Live', { exact: true }).waitFor();
      await anna.evaluate('window.stayed = true');
      const [context] = contexts as [BrowserContext];
      await context.setOffline(true);
      await anna.getByText('You are offline').waitFor();

      const written = ['In the tunnel 1', 'In the tunnel 2', 'In the tunnel 3'];
      for (const title of written) await make(title);
      await stage.product.request('POST', `/items/${id}/messages`, {
        thread: 'internal',
        html: '<p>Seen by nobody yet</p>',
      });

      await context.setOffline(false);
      await anna.getByText('You are offline').waitFor({ state: 'detached' });
      await anna.getByText('Seen by nobody yet').first().waitFor();
      await anna.getByRole('button', { name: '3 new' }).click();
      for (const title of written) await anna.getByRole('row', { name: title }).waitFor();
      expect(await anna.evaluate('window.stayed')).toBe(true);
    });

    it('share one connection between tabs; when the tab that holds it closes, another goes on', async () => {
      const [context] = contexts as [BrowserContext];
      const second = await context.newPage();
      const streams: string[] = [];
      second.on('request', (request) => void (request.url().endsWith('/api/v1/events') && streams.push(request.url())));
      await second.goto(stage.at('views/all-open'));
      await second.getByText('Live', { exact: true }).waitFor();
      expect(streams).toEqual([]);
      await anna.close();
      await eventually(() => expect(streams).toHaveLength(1));
      await make('After the first tab');
      await second.getByText('After the first tab').first().waitFor();
      anna = second;
    });

    it('ask when both changed the same', async () => {
      const { id, number } = await make('Two hands on one wheel');
      await anna.goto(stage.at(`i/${number}`));
      await anna.getByRole('heading', { name: 'Two hands' }).waitFor();
      // Anna’s stream is held up, so that she does not see what the other one does.
      await anna.route('**/api/v1/events', (route) => route.abort());
      await anna.reload();
      await anna.getByRole('button', { name: 'Normal' }).waitFor();
      await stage.product.request('PATCH', `/items/${id}`, { priority: 5 });
      await anna.keyboard.press('p');
      await anna.getByRole('dialog', { name: 'Priority' }).waitFor();
      await anna.keyboard.type('low');
      await anna.keyboard.press('Enter');
      await anna.getByText('Priority: Urgent').waitFor();
      expect(await stage.product.request('GET', `/items/${id}`)).toMatchObject({ priority: 5 });
      await anna.getByRole('button', { name: 'Use mine' }).click();
      await eventually(async () =>
        expect(await stage.product.request('GET', `/items/${id}`)).toMatchObject({ priority: 1 }),
      );
    });
  });
}
