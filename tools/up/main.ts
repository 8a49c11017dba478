import { ProvisionFailure } from '@sportello/testing/provision';
import { parseArgs } from 'node:util';
import { develop } from './dev.ts';
import { logSizes } from './hosts.ts';
import { showLogs } from './logs.ts';
import { reset } from './reset.ts';
import { screen } from './screen.ts';
import { Failure } from './steps.ts';
import { start, stay, stop } from './up.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { detach: { type: 'boolean', short: 'd' }, yes: { type: 'boolean' }, once: { type: 'boolean' } },
});
const [command, ...names] = positionals;

const commands: Record<string, () => Promise<void>> = {
  async up() {
    const since = logSizes();
    const state = await start();
    process.stdout.write(`${screen(state)}\n`);
    if (!values.detach) await stay(since);
  },
  down: stop,
  reset: () => reset(values.yes ?? false),
  logs: () => showLogs(names[0], !values.once),
  dev: develop,
};

try {
  const run = commands[command ?? 'up'];
  if (!run)
    throw new Failure(`There is no command ${command}.`, `The commands are ${Object.keys(commands).join(', ')}.`);
  await run();
} catch (error) {
  if (!(error instanceof Failure || error instanceof ProvisionFailure)) throw error;
  process.stderr.write(`\n  ${error.message}\n\n  ${error.remedy}\n\n`);
  process.exitCode = 1;
}
