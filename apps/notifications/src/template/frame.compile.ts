import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const beside = (name: string): URL => new URL(name, import.meta.url);

/** `frame.mjml` as the mail programs read it. After a change of it: `node apps/notifications/src/template/frame.compile.ts` */
export async function compileFrame(): Promise<string> {
  const mjml = createRequire(import.meta.url)('mjml') as (source: string, options: object) => Promise<{ html: string }>;
  // No fonts: they would be fetched from somewhere by whoever reads the mail.
  const options = { validationLevel: 'strict', fonts: {} };
  const { html } = await mjml(await readFile(beside('./frame.mjml'), 'utf8'), options);
  const lines = html.split('\n').map((line) => line.trimEnd());
  return `${lines.filter(Boolean).join('\n')}\n`;
}

if (import.meta.main) await writeFile(beside('./frame.compiled'), await compileFrame());
