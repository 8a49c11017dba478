import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { knownDemo, type Demo } from './demo.ts';
import { inRun, root } from './paths.ts';
import { type Ports } from './ports.ts';

/** What runs where: for people's scripts and for tests against a running desk. */
export interface State {
  web: string;
  api: string;
  smtp: { host: string; port: number };
  mailbox: { url: string; dir: string };
  demo?: Demo;
}

export const webOf = (ports: Ports): string => `http://127.0.0.1:${ports.web}`;

/** Writes `.run/state.json`, for its owner alone: it holds the demo accounts' passwords. */
export function writeState(ports: Ports): State {
  const web = webOf(ports);
  const state: State = {
    web,
    api: `${web}/api/v1`,
    smtp: { host: '127.0.0.1', port: ports.smtp },
    mailbox: { url: `${web}/dev/mailbox`, dir: relative(root, inRun('mailbox')) },
    demo: knownDemo(),
  };
  writeFileSync(inRun('state.json'), `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  return state;
}
