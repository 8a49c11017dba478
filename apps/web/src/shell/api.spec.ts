import { describe, expect, it } from '@jest/globals';
import { changeItem, client, createItem, listItems, signOut } from '@sportello/api-client';
import { startApi } from './api.js';

describe('what the web app sends', () => {
  it('has an idempotency key of its own on every POST, and keeps one that is given', async () => {
    const sent: Request[] = [];
    startApi(() => undefined);
    client.setConfig({
      baseUrl: 'http://desk.test',
      fetch: async (request) => {
        sent.push(request as Request);
        return Response.json({});
      },
    });
    const body = { title: 'Printer' };
    await createItem({ body });
    await createItem({ body });
    await signOut();
    await createItem({ body, headers: { 'Idempotency-Key': 'draft-1' } });
    await listItems();
    await changeItem({ path: { id: '1' }, body });
    const keys = sent.map(({ method, headers }) => [method, headers.get('Idempotency-Key')] as const);
    const posts = keys.filter(([method]) => method === 'POST').map(([, key]) => key);
    expect(posts).toHaveLength(4);
    expect(new Set(posts).size).toBe(4);
    expect(posts).not.toContain(null);
    expect(posts.at(-1)).toBe('draft-1');
    expect(keys.filter(([method]) => method !== 'POST').map(([, key]) => key)).toEqual([null, null]);
  });
});
