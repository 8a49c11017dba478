import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** What the linter says of a file that would stand there. In a process of its own, because it loads its configuration as Node does. */
function complaints(path: string, content: string): string[] {
  const run = spawnSync(
    join(root, 'node_modules/.bin/eslint'),
    ['--format=json', '--stdin', `--stdin-filename=${path}`],
    {
      ...{ cwd: root, input: content, encoding: 'utf8' },
    },
  );
  const [result] = JSON.parse(run.stdout) as { messages: { ruleId: string; severity: number }[] }[];
  return (result?.messages ?? []).filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId);
}

describe('the linter', () => {
  it.each([
    [
      'a service that imports another',
      'apps/tickets/src/probe.ts',
      "export * from '../../identity/src/app.module.js';\n",
    ],
    [
      'a pure library that imports one that does I/O',
      'libs/mail/src/probe.ts',
      "export * from '@sportello/persistence';\n",
    ],
    ['the web app that imports what runs in Node', 'apps/web/src/probe.ts', "export * from '@sportello/contracts';\n"],
  ])('given %s, then it is an error', (_what, path, content) => {
    expect(complaints(path, content)).toEqual(['@nx/enforce-module-boundaries']);
  });

  it.each([
    ['flushes by itself', 'export const write = (em: { flush(): Promise<void> }) => em.flush();\n'],
    [
      'answers by an exception of Nest',
      "import { NotFoundException } from '@nestjs/common';\nthrow new NotFoundException();\n",
    ],
    [
      'awaits another service inside its transaction',
      'export class X { constructor(private client: { call(): Promise<void> }) {} ask() { return this.client.call(); } }\n',
    ],
  ])('given a handler that %s, then it is an error', (_what, content) => {
    const [rule] = complaints('apps/tickets/src/probe.operations.ts', content);
    expect(rule).toMatch(/^no-restricted-(syntax|imports)$/);
  });

  it('given code that keeps the rules, then it says nothing', () => {
    expect(complaints('apps/tickets/src/probe.ts', "export { uuidv7 } from '@sportello/kernel';\n")).toEqual([]);
  });
});
