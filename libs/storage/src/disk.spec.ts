import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStorage, StorageLimitExceeded, StoredFileMissing, type Storage } from './index.js';

describe('files on disk', () => {
  let root: string;
  let storage: Storage;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'storage-'));
    storage = openStorage(`file://${root}`);
  });
  afterEach(() => rm(root, { recursive: true }));

  it('gives back what was written, and stores the same content once', async () => {
    const first = await storage.write('acme', Buffer.from('ciao'), 100);
    const again = await storage.write('acme', Readable.from([Buffer.from('ci'), Buffer.from('ao')]), 100);
    expect(again).toEqual(first);
    expect((await storage.read('acme', first.hash)).toString()).toBe('ciao');
  });

  it('keeps nothing of what is larger than allowed', async () => {
    await expect(storage.write('acme', Buffer.from('too much'), 3)).rejects.toBeInstanceOf(StorageLimitExceeded);
    expect(await readdir(join(root, 'acme', 'incoming'))).toEqual([]);
  });

  it('does not find the file of another workspace', async () => {
    const { hash } = await storage.write('acme', Buffer.from('secret'), 100);
    await expect(storage.open('other', hash)).rejects.toBeInstanceOf(StoredFileMissing);
  });

  it('takes no path for a hash and no path for a workspace', async () => {
    await expect(storage.read('acme', '../../etc/passwd')).rejects.toBeInstanceOf(StoredFileMissing);
    await expect(storage.write('../acme', Buffer.from('x'), 100)).rejects.toThrow('is no workspace');
  });

  it('refuses an address it does not know', () => {
    expect(() => openStorage('ftp://files')).toThrow('must begin with file://');
  });
});
