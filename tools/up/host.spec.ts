import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sportello-host-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A service that ends as Nest's applications do: it finishes its work, then sends the signal on to the process. */
async function aService(name: string, workMs: number): Promise<string> {
  const file = join(dir, `${name}.mjs`);
  await writeFile(
    file,
    `const open = setInterval(() => {}, 1000);
     const end = () => {
       process.removeListener('SIGTERM', end);
       setTimeout(() => { console.log('${name} finished'); clearInterval(open); process.kill(process.pid, 'SIGTERM'); }, ${workMs});
     };
     process.on('SIGTERM', end);
     console.log('${name} started');`,
  );
  return file;
}

describe('a host of several services', () => {
  it('given a signal, ends when the slowest service has finished its work', async () => {
    const services = await Promise.all([aService('quick', 0), aService('slow', 300)]);
    const host = spawn(process.execPath, ['tools/up/host.ts', ...services], {
      env: { PATH: process.env['PATH'] },
      stdio: 'pipe',
    });
    let said = '';
    host.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    while (!(said.includes('quick started') && said.includes('slow started'))) await once(host.stdout, 'data');

    host.kill('SIGTERM');
    const [code] = (await once(host, 'close')) as [number];
    expect(said).toContain('slow finished');
    expect(code).toBe(0);
  });

  it('given a service that does not start, ends and says why', async () => {
    const broken = join(dir, 'broken.mjs');
    await writeFile(broken, `throw new Error('Settings: NATS_URL is missing');`);
    const services = [await aService('sound', 0), broken];
    const host = spawn(process.execPath, ['tools/up/host.ts', ...services], {
      env: { PATH: process.env['PATH'] },
      stdio: 'pipe',
    });
    let said = '';
    host.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(host, 'close')) as [number];
    expect(code).toBe(1);
    expect(said).toContain('NATS_URL is missing');
  });
});
