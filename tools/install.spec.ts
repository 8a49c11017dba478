import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };

/** Where Node would find `name` from the package at `path`: beside it, or further up. */
function isLocked(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[at ? `${at}/node_modules/${name}` : `node_modules/${name}`]) return true;
    if (!at) return false;
  }
}

describe('the lock file', () => {
  // A release whose packages for other systems are not published everywhere drops out of the lock without a word, and
  // `npm ci` then refuses. Remedy: pin the package (or override it) to a release that has them all.
  it('names the packages of every system, so that npm ci works on each', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        .filter(([name]) => !isLocked(path, name))
        .map(([name, version]) => `${path}: ${name}@${version}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('tools/install.mjs', () => {
  it('given that everything is installed, does nothing and is silent', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['tools/install.mjs']);
    expect(stdout + stderr).toBe('');
  });
});
