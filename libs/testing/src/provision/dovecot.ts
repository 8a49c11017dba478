import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, hasDebianPackages, installDebianPackages } from './debian-packages.ts';
import { dovecotConfiguration, oauth2Settings } from './dovecot-configuration.ts';
import { freePort } from './free-port.ts';
import { ProvisionFailure } from './provision-failure.ts';
import { startGuarded, type ServerProcess } from './server-process.ts';
import { reachableDirectory, removeReachable, unprivilegedIdentity } from './unprivileged.ts';

const run = promisify(execFile);

/** A running IMAP server for tests. */
export interface Dovecot {
  host: '127.0.0.1';
  port: number;
  /** Mail of a user lies in `<mailDir>/<user>/`, as Maildir. */
  mailDir: string;
  stop(): Promise<void>;
}

export interface DovecotOptions {
  /** Where its configuration, log and mail go. Made when absent, deleted by `stop`. */
  dir: string;
  /** Who may sign in, name to password. */
  users: Record<string, string>;
  /** Where access tokens are checked (RFC 7662), if XOAUTH2 is to be tried: an answer `{ active, username }`. */
  oauth2IntrospectionUrl?: string;
}

/**
 * The path of a Dovecot, installed from Debian's packages if there is none and we are root. (Unpacked elsewhere it does
 * not run: the directory of its TLS module is compiled in.) Throws `ProvisionFailure` with the one command that helps.
 */
export async function ensureDovecot(): Promise<string> {
  if (!findDovecot() && hasDebianPackages() && process.getuid?.() === 0) {
    await installDebianPackages(['dovecot-imapd']);
    // The package starts a mail server for the whole machine, which is not what a test run may leave behind.
    if (existsSync('/run/systemd/system'))
      await run('systemctl', ['disable', '--now', 'dovecot.service', 'dovecot.socket']);
  }
  const found = findDovecot();
  if (found) return found;
  const remedy = hasDebianPackages()
    ? 'sudo apt-get install dovecot-imapd && sudo systemctl disable --now dovecot'
    : 'brew install dovecot';
  throw new ProvisionFailure('The IMAP tests need Dovecot, and there is none.', remedy);
}

function findDovecot(): string | undefined {
  const binary = findProgram('dovecot');
  // Debian splits the server: dovecot-core alone speaks no IMAP.
  return binary && (!hasDebianPackages() || existsSync('/usr/lib/dovecot/imap')) ? binary : undefined;
}

/**
 * Starts a real IMAP server with IDLE on a free port of 127.0.0.1, without TLS, under an account of no rights, and
 * returns when it greets. It ends with this process.
 */
export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const binary = await ensureDovecot();
  const dir = reachableDirectory(options.dir);
  const mailDir = join(dir, 'mail');
  await mkdir(mailDir, { recursive: true });
  const identity = unprivilegedIdentity();
  const passwords = Object.entries(options.users).map(([user, password]) => `${user}:{PLAIN}${password}::::::\n`);
  await writeFile(join(dir, 'users'), passwords.join(''));
  const logFile = join(dir, 'dovecot.log');
  const port = await freePort();
  const { oauth2IntrospectionUrl } = options;
  if (oauth2IntrospectionUrl) await writeFile(join(dir, 'oauth2.conf'), oauth2Settings(oauth2IntrospectionUrl));
  const version = (await run(binary, ['--version'])).stdout.trim();
  const configuration = { dir, mailDir, logFile, port, account: await account(), oauth2IntrospectionUrl };
  await writeFile(join(dir, 'dovecot.conf'), dovecotConfiguration(version, configuration));
  await chmod(dir, 0o755);
  if (identity) for (const path of [dir, mailDir, join(dir, 'users')]) await chown(path, identity.uid, identity.gid);
  const server = startGuarded({
    command: binary,
    args: ['-F', '-c', join(dir, 'dovecot.conf')],
    logFile: join(dir, 'dovecot.out'),
    identity,
  });
  if (!(await greets(server, port))) {
    const said = await Promise.all(
      [logFile, join(dir, 'dovecot.out')].map((file) => readFile(file, 'utf8').catch(() => '')),
    );
    throw new ProvisionFailure(
      `Dovecot did not start:\n${said.join('').trim().slice(-1000)}`,
      `Its files are in ${dir}`,
    );
  }
  const stop = async () => {
    await server.stop();
    removeReachable(dir);
  };
  return { host: '127.0.0.1', port, mailDir, stop };
}

/** Under which names the server's processes run: Dovecot asks for names, not numbers. */
async function account(): Promise<{ user: string; group: string }> {
  const user = unprivilegedIdentity() ? 'nobody' : userInfo().username;
  return { user, group: (await run('id', ['-gn', user])).stdout.trim() };
}

async function greets(server: ServerProcess, port: number): Promise<boolean> {
  while (server.alive()) {
    const greeting = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', (data) => resolve(data.toString()));
      socket.once('error', () => resolve(''));
      socket.once('data', () => socket.destroy());
    });
    if (greeting.startsWith('* OK')) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
