import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

  it('sweeps what nobody has written again since it was marked dead', async () => {
    const { hash } = await storage.write('acme', Buffer.from('old'), 100);
    expect(await storage.sweep('acme', hash, new Date(Date.now() + 60_000))).toBe(true);
    await expect(storage.read('acme', hash)).rejects.toBeInstanceOf(StoredFileMissing);
    expect(await storage.sweep('acme', hash, new Date())).toBe(true);
  });

  it('given the same content written again after it was marked dead, keeps it', async () => {
    const { hash } = await storage.write('acme', Buffer.from('again'), 100);
    expect(await storage.sweep('acme', hash, new Date(Date.now() - 60_000))).toBe(false);
    expect((await storage.read('acme', hash)).toString()).toBe('again');
  });

  it('tidies away what a dead process left half written or in transit, and no file', async () => {
    const { hash } = await storage.write('acme', Buffer.from('kept'), 100);
    const passing = await storage.write('transit', Buffer.from('body'), 100);
    await writeFile(join(root, 'acme', 'incoming', 'half'), 'ha');
    await storage.tidy(new Date(Date.now() - 60_000));
    expect(await readdir(join(root, 'acme', 'incoming'))).toEqual(['half']);
    await storage.tidy(new Date(Date.now() + 60_000));
    expect(await readdir(join(root, 'acme', 'incoming'))).toEqual([]);
    await expect(storage.read('transit', passing.hash)).rejects.toBeInstanceOf(StoredFileMissing);
    expect((await storage.read('acme', hash)).toString()).toBe('kept');
  });

  it('takes no path for a hash and no path for a workspace', async () => {
    await expect(storage.read('acme', '../../etc/passwd')).rejects.toBeInstanceOf(StoredFileMissing);
    await expect(storage.write('../acme', Buffer.from('x'), 100)).rejects.toThrow('is no workspace');
  });

  it('refuses an address it does not know', () => {
    expect(() => openStorage('ftp://files')).toThrow('must begin with file://');
  });
});
