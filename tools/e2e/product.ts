import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isPortFree } from '@sportello/testing/provision';
import { simpleParser, type ParsedMail } from 'mailparser';

/** What `.run/state.json` tells of a running product. */
export interface State {
  web: string;
  api: string;
  smtp: { host: string; port: number };
  mailbox: { url: string; dir: string };
  demo: {
    workspace: string;
    address: string;
    users: { role: string; name: string; email: string; password: string; token: string }[];
    customers: { name: string; email: string; organization: string }[];
  };
}

/** The whole product, started by its own command in a folder of its own. */
export interface Product extends State {
  /** Mails to somebody, oldest first, as their mail program reads them. */
  mailsTo(address: string): Promise<ParsedMail[]>;
  /** Calls the API with the administrator's token. */
  request(method: string, path: string, body?: object): Promise<unknown>;
  stop(): Promise<void>;
}

/** Runs `up` and waits until it says that the product is there. */
export async function startProduct(): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), 'sportello-e2e-'));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, SPORTELLO_RUN_DIR: dir };
  const command = (...args: string[]) => promisify(execFile)(process.execPath, ['tools/up/main.ts', ...args], { env });
  await writeFile(join(dir, 'ports.json'), JSON.stringify(await ownPorts()));
  await command('up', '--detach');
  const state = JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')) as State;
  const token = state.demo.users.find(({ role }) => role === 'administrator')?.token;
  return {
    ...state,
    mailsTo: async (address) => {
      const folder = join(dir, 'mailbox');
      const names = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort();
      const mails = await Promise.all(names.map(async (name) => simpleParser(await readFile(join(folder, name)))));
      return mails.filter(({ to }) =>
        [to].flat().some((each) => each?.value.some((mailbox) => mailbox.address === address)),
      );
    },
    request: async (method, path, body) => {
      const response = await fetch(`${state.api}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    stop: async () => {
      await command('reset', '--yes');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Tries until it passes or fifteen seconds are over. */
export async function eventually<T>(attempt: () => Promise<T> | T): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/**
 * Ports for a product among several that start at once: the ones that `up` prefers look free to all of them. Below those that the system lends to
 * outgoing connections, which could take one in the seconds before the server that it is for.
 */
async function ownPorts(): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const name of ['web', 'smtp', 'lmtp', 'postgres', 'nats']) {
    do ports[name] = randomInt(20_000, 32_000);
    while (!(await isPortFree(ports[name])));
  }
  return ports;
}
