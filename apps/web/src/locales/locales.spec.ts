import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const sources = fileURLToPath(new URL('..', import.meta.url));

/** Texts that are rightly the same in all three languages. */
const sameEverywhere = new Set(['item.activity.product']);

/** A catalogue as one flat table: `shell.connection.live` → text. */
function flat(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value as object).flatMap(([key, inner]) => flat(inner, path ? `${path}.${key}` : key));
}

function catalogue(language: string): Map<string, string> {
  const files = readdirSync(`${here}${language}`).filter((name) => name.endsWith('.json'));
  return new Map(
    files.flatMap((file) =>
      flat({ [file.replace('.json', '')]: JSON.parse(readFileSync(`${here}${language}/${file}`, 'utf8')) }),
    ),
  );
}

const [en, it_, nb] = [catalogue('en'), catalogue('it'), catalogue('nb')];
const namesIn = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();

describe('the texts of the three languages', () => {
  it('are complete: each has the same keys', () => {
    expect([...it_.keys()].sort()).toEqual([...en.keys()].sort());
    expect([...nb.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it('are written, not copied: no text is the same in all three unless it is listed', () => {
    const copied = [...en].filter(([key, text]) => text === it_.get(key) && text === nb.get(key)).map(([key]) => key);
    expect(copied.filter((key) => !sameEverywhere.has(key))).toEqual([]);
    expect([...sameEverywhere].filter((key) => !copied.includes(key))).toEqual([]);
  });

  it('name the same things', () => {
    for (const [key, text] of en) {
      expect([key, namesIn(it_.get(key) ?? '')]).toEqual([key, namesIn(text)]);
      expect([key, namesIn(nb.get(key) ?? '')]).toEqual([key, namesIn(text)]);
    }
  });

  it('are all used, and every text that is asked for exists', () => {
    const code = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.spec.ts'))
      .map((name) => readFileSync(`${sources}/${name}`, 'utf8'))
      .join('\n');
    const asked = [...code.matchAll(/\bt\(\s*['`]([\w.-]+(?:\$\{)?)/g)].map(([, key]) => key as string);
    const conditional = [...code.matchAll(/['`](\w+(?:\.[\w-]+)+\.?)(?:['`]|\$\{)/g)].map(([, key]) => key as string);
    const keys = new Set([...en.keys()].map((key) => key.replace(/_(one|other)$/, '')));
    const exists = (key: string) =>
      key.endsWith('${') ? [...keys].some((each) => each.startsWith(key.slice(0, -2))) : keys.has(key);
    expect(asked.filter((key) => !exists(key))).toEqual([]);
    const used = (key: string) =>
      conditional.some((each) => each === key || (each.endsWith('.') && key.startsWith(each)));
    expect([...keys].filter((key) => !used(key))).toEqual([]);
  });
});
