import { beforeAll, describe, expect, it } from '@jest/globals';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const method = (text: string) => `export class Probe { @Handles(changeTeam) async change(${text} } }`;

/** Handlers of `changeTeam`, which answers a `Team`, and of `changeItems`, a job that can be taken back. */
const handlers = {
  agrees: method(`{ id, name = '' }: { id: string; name?: string }, _ctx: Context) {
    return { id, name, everyone: false, members: [], version: 1 };`),
  'leaves a field of the answer out': method(`{ id }: { id: string }) { return { id, name: '' };`),
  'answers a field of another type': method(`{ id }: { id: string }) {
    return { id, name: 1, everyone: false, members: [], version: 1 };`),
  'asks for what nobody sends': method(`{ colour }: { colour: string }) { throw new Error(colour);`),
  'cannot take back what its job says it can': `@Runs(changeItems) export class Probe {
    async begin() { return 1; }
    async chunk() { return { rows: [], ends: true }; }
  }`,
};
type Handler = keyof typeof handlers;

describe('a handler', () => {
  /** What the compiler says of each, as a file of a service. */
  const complaints = new Map<Handler, string>();
  beforeAll(() => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root);
    const imports = `import { changeItems, changeTeam } from '@sportello/contracts';
      import { Handles, Runs, type Context } from '@sportello/service';`;
    const probes = new Map(
      Object.entries(handlers).map(([name, text], index) => [
        join(root, `apps/tickets/src/probe-${index}.operations.ts`),
        { name: name as Handler, text: `${imports}\n${text}` },
      ]),
    );
    const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
    const { readFile, fileExists } = host;
    host.readFile = (file) => probes.get(file)?.text ?? readFile(file);
    host.fileExists = (file) => probes.has(file) || fileExists(file);
    const program = ts.createProgram([...probes.keys()], { ...options, noUnusedLocals: false }, host);
    for (const [file, { name }] of probes) {
      const found = program.getSemanticDiagnostics(program.getSourceFile(file));
      complaints.set(
        name,
        found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')).join('\n'),
      );
    }
  });

  it('compiles where it agrees with its contract', () => {
    expect(complaints.get('agrees')).toBe('');
  });

  it.each<[Handler, string]>([
    ['leaves a field of the answer out', 'is missing the following properties'],
    ['answers a field of another type', "Type 'number' is not assignable to type 'string'"],
    ['asks for what nobody sends', "Property 'colour' is missing"],
    ['cannot take back what its job says it can', "Property 'undo' is missing"],
  ])('does not compile where it %s', (handler, sentence) => {
    expect(complaints.get(handler)).toContain(sentence);
  });
});
