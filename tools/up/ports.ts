import { freePort, isPortFree } from '@sportello/testing/provision';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inRun } from './paths.ts';
import { Failure } from './steps.ts';

/** What listens, and where it would like to. */
const PREFERRED = { web: 8080, smtp: 2525, lmtp: 2424, postgres: 54_320, nats: 42_220 };

export type Ports = Record<keyof typeof PREFERRED, number>;

/**
 * The ports of this installation: chosen on the first start (the preferred ones, or others where those are taken) and
 * kept from then on, because people keep addresses. Throws when a kept one is taken by another program, unless it is known
 * that the program is this very product.
 */
export async function choosePorts({ evenTaken = false } = {}): Promise<Ports> {
  const kept = keptPorts();
  const ports = {} as Ports;
  for (const [name, preferred] of Object.entries(PREFERRED) as [keyof Ports, number][]) {
    const port = kept[name];
    if (port && !evenTaken && !(await isPortFree(port)))
      throw new Failure(
        `Port ${port}, which Sportello uses for ${name}, is taken by another program.`,
        `End that program (lsof -i :${port} shows it), or delete .run/ports.json to have other ports chosen.`,
      );
    ports[name] = port ?? (await freePort(preferred));
  }
  writeFileSync(inRun('ports.json'), `${JSON.stringify(ports, undefined, 2)}\n`);
  return ports;
}

function keptPorts(): Partial<Ports> {
  const file = inRun('ports.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Ports>) : {};
}
