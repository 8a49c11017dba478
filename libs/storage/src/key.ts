import { StoredFileMissing } from './storage.js';

const hashPattern = /^[0-9a-f]{64}$/;
const workspacePattern = /^[0-9a-z-]{1,64}$/;

/** @throws Error for what could lead out of a workspace's folder */
export function requireWorkspace(workspace: string): string {
  if (!workspacePattern.test(workspace)) throw new Error(`${workspace} is no workspace`);
  return workspace;
}

/** Where a file stands below the root: `<workspace>/<first two of the hash>/<hash>`. @throws StoredFileMissing for what is no hash */
export function keyOf(workspace: string, hash: string): string {
  if (!hashPattern.test(hash)) throw new StoredFileMissing(hash);
  return `${requireWorkspace(workspace)}/${hash.slice(0, 2)}/${hash}`;
}
