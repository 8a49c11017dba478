import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Whom a server runs as. */
export interface Identity {
  uid: number;
  gid: number;
}

/** Where servers keep what `nobody` must reach when the project itself lies in a directory closed to others. */
const OPEN_PLACE = '/var/lib/sportello';

/**
 * Whom to run a server as that refuses root (PostgreSQL does): nobody, if we are root; otherwise undefined, that is
 * ourselves. No account is made: nobody is there on every system.
 */
export function unprivilegedIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const nobody = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody');
  return { uid: Number(nobody?.[2] ?? 65534), gid: Number(nobody?.[3] ?? 65534) };
}

/**
 * The directory to use in place of `dir`: itself, or, for root with the project in a closed place (/root, or a
 * directory of mktemp), one outside. Paths keep their relation: what lies below `dir` is below the answer too.
 */
export function reachableDirectory(dir: string): string {
  const wanted = resolve(dir);
  const closed = unprivilegedIdentity() && closedParent(wanted);
  if (!closed) return wanted;
  const place = join(
    OPEN_PLACE,
    createHash('sha256').update(closed).digest('hex').slice(0, 12),
    relative(closed, wanted),
  );
  mkdirSync(dirname(place), { recursive: true, mode: 0o755 });
  return place;
}

/** Like `reachableDirectory` for a directory of programs, which is copied when it must be elsewhere. */
export function reachableCopy(dir: string, version: string): string {
  const wanted = resolve(dir);
  if (!unprivilegedIdentity() || !closedParent(wanted)) return wanted;
  const copy = join(OPEN_PLACE, version);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  cpSync(wanted, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch {
    // Another run was faster; its copy is the same.
    rmSync(unfinished, { recursive: true, force: true });
  }
  return copy;
}

/** Deletes a directory that `reachableDirectory` gave, with what it left empty above. */
export function removeReachable(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  for (let at = dirname(dir); at.startsWith(`${OPEN_PLACE}/`); at = dirname(at)) {
    if (existsSync(at) && readdirSync(at).length > 0) return;
    rmSync(at, { recursive: true, force: true });
  }
}

/** The outermost directory on the way to `path` through which not everybody may pass. */
function closedParent(path: string): string | undefined {
  const parents: string[] = [];
  // The last part is left out: it may belong to the server's user alone, being the server's own directory.
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) parents.unshift(at);
  return parents.find((parent) => existsSync(parent) && (statSync(parent).mode & 0o001) === 0);
}
