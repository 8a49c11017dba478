import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, isRunning, startDetached, startGuarded, stopProcess } from './server-process.ts';

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function withDirectory(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sportello-process-'));
  await test(dir).finally(() => rm(dir, { recursive: true, force: true }));
}

describe('a guarded server', () => {
  it('given that its starter is killed, ends too', () =>
    withDirectory(async (dir) => {
      const pidFile = join(dir, 'pid');
      const program = `
        import { startGuarded } from ${JSON.stringify(join(process.cwd(), 'libs/testing/src/provision/server-process.ts'))};
        startGuarded({ command: 'sh', args: ['-c', 'echo $$ > ${pidFile}; exec sleep 600'], logFile: '${join(dir, 'log')}' });
        setInterval(() => undefined, 1000);`;
      const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: 'inherit',
        env: { PATH: process.env['PATH'] },
      });
      const read = () => readFile(pidFile, 'utf8').then(Number, () => 0);
      await eventually(async () => (await read()) > 0);
      const server = identifyProcess(await read());
      expect(isRunning(server)).toBe(true);

      starter.kill('SIGKILL');
      await eventually(() => !isRunning(server));
    }));

  it('given that it ends by itself, is known to be gone, and stopping it is harmless', () =>
    withDirectory(async (dir) => {
      const server = startGuarded({ command: 'sh', args: ['-c', 'echo done'], logFile: join(dir, 'log') });
      await eventually(() => !server.alive());
      await server.stop();
      expect(await readFile(join(dir, 'log'), 'utf8')).toBe('done\n');
    }));
});

describe('a detached server', () => {
  it('is found again by what identified it, and stopped', () =>
    withDirectory(async (dir) => {
      const { pid } = startDetached({ command: 'sleep', args: ['600'], logFile: join(dir, 'log') });
      const remembered = JSON.parse(JSON.stringify(identifyProcess(pid))) as ReturnType<typeof identifyProcess>;
      expect(isRunning(remembered)).toBe(true);
      expect(isRunning({ ...remembered, startedAt: 'another time' })).toBe(false);
      await stopProcess(remembered);
      expect(isRunning(remembered)).toBe(false);
    }));

  it('given that it will not end when asked, is made to', () =>
    withDirectory(async (dir) => {
      const log = join(dir, 'log');
      const { pid } = startDetached({
        command: 'sh',
        args: ['-c', "trap '' TERM; echo deaf; while :; do sleep 1; done"],
        logFile: log,
      });
      await eventually(async () => (await readFile(log, 'utf8')).includes('deaf'));
      const remembered = identifyProcess(pid);
      await stopProcess(remembered, 'SIGTERM', 100);
      expect(isRunning(remembered)).toBe(false);
    }));
});
