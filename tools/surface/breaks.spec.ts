import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { breaks, type Api } from './breaks.ts';

const recorded = readFileSync('libs/api-client/openapi.json', 'utf8');
const fresh = () => JSON.parse(recorded) as Api;
type Schemas = Record<string, { properties: Record<string, object>; required: string[] }>;
const schemas = (api: Api) => api.components?.schemas as unknown as Schemas;

describe('a contract', () => {
  it('changes by addition: what is new breaks nothing', () => {
    const after = fresh();
    after.paths['/api/v1/later'] = { get: {} };
    const { Item, ChangeItemBody } = schemas(after);
    Object.assign(Item!.properties, { later: { type: 'string' } });
    Item!.required.push('later');
    Object.assign(ChangeItemBody!.properties, { later: { type: 'string' } });
    expect(breaks(fresh(), after)).toEqual([]);
  });

  it.each<[string, string, (api: Api) => unknown]>([
    ['a route that is gone', 'is gone', (api) => delete api.paths['/api/v1/items']],
    ['a field that is no longer answered', 'title is gone', (api) => delete schemas(api).Item!.properties['title']],
    [
      'a field that is not always answered',
      'title is no longer always there',
      (api) => schemas(api).Item!.required.splice(schemas(api).Item!.required.indexOf('title'), 1),
    ],
    [
      'a field that may now be null',
      'title may now be null',
      (api) => Object.assign(schemas(api).Item!.properties['title']!, { nullable: true }),
    ],
    [
      'a field of another type',
      'title is another type',
      (api) => Object.assign(schemas(api).Item!.properties['title']!, { type: 'integer' }),
    ],
    [
      'a field that is no longer taken',
      'title is gone',
      (api) => delete schemas(api).ChangeItemBody!.properties['title'],
    ],
    [
      'a field that is now asked for',
      'title is now required',
      (api) => Object.assign(schemas(api).ChangeItemBody!, { required: ['title'] }),
    ],
  ])('given %s, then it says so: that is a new id', (_what, sentence, change) => {
    const after = fresh();
    change(after);
    expect(breaks(fresh(), after).join('\n')).toContain(sentence);
  });
});
