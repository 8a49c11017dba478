import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const sources = ['apps', 'libs'].flatMap((kind) =>
  readdirSync(join(root, kind)).flatMap((project) =>
    readdirSync(join(root, kind, project, 'src'), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(kind, project, 'src', file),
    ),
  ),
);

describe('the layout', () => {
  it('has no folder for what has no place of its own', () => {
    const nowhere = /\/(utils?|helpers?|dto|mappers?|constants?|common)(\/|$)/;
    expect(sources.filter((file) => nowhere.test(file))).toEqual([]);
  });

  it('keeps entities free of frameworks and of whatever reads or sends', () => {
    const entities = sources.filter((file) => file.startsWith('apps/') && file.endsWith('.entity.ts'));
    expect(entities.length).toBeGreaterThan(10);
    const outside =
      /from '(@nestjs\/|kysely|pg'|node:(fs|net|http|https|dns|tls)|@nats-io\/|@sportello\/(messaging|storage))/;
    expect(entities.filter((file) => outside.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});
