import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import S3rver from 's3rver';
import { openStorage, StorageLimitExceeded, StoredFileMissing, type Storage } from './index.js';

let root: string;
let s3: S3rver;
let endpoint: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'storage-'));
  s3 = new S3rver({
    ...{ address: '127.0.0.1', port: 0, silent: true, directory: join(root, 's3') },
    configureBuckets: [{ name: 'files', configs: [] }],
  });
  const { port } = await s3.run();
  endpoint = `http://127.0.0.1:${port}`;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' });
});
afterAll(async () => {
  await s3.close();
  await rm(root, { recursive: true });
});

describe.each(['on disk', 'in S3'])('files %s', (kind) => {
  let storage: Storage;
  let folder: string;
  let count = 0;
  beforeEach(async () => {
    folder = join(root, `disk-${(count += 1)}`);
    const bucket = `s3://files/desk-${count}?endpoint=${encodeURIComponent(endpoint)}`;
    storage = await openStorage(kind === 'on disk' ? `file://${folder}` : bucket);
  });

  it('given what was written, then it comes back, and the same content is stored once', async () => {
    const first = await storage.write('acme', Buffer.from('ciao'), 100);
    const again = await storage.write('acme', Readable.from([Buffer.from('ci'), Buffer.from('ao')]), 100);
    expect(again).toEqual(first);
    expect((await storage.read('acme', first.hash)).toString()).toBe('ciao');
  });

  it('given ten megabytes, then they come back as a stream', async () => {
    const { hash, size } = await storage.write('acme', Buffer.alloc(10_000_000, 'x'), 10_000_000);
    let read = 0;
    for await (const chunk of await storage.open('acme', hash)) read += (chunk as Buffer).length;
    expect([size, read]).toEqual([10_000_000, 10_000_000]);
  });

  it('given more than is allowed, then nothing is kept', async () => {
    const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('sportello-upload-')).length;
    const before = await left();
    await expect(storage.write('acme', Buffer.from('too much'), 3)).rejects.toBeInstanceOf(StorageLimitExceeded);
    expect(await left()).toBe(before);
    await expect(
      storage.read('acme', 'cd4f6c2b2e2b2f9ad2ff0de2da4ee1d0f6a0e3d9b4a9a4d8a33d7c5b7bd3b1aa'),
    ).rejects.toBeInstanceOf(StoredFileMissing);
  });

  it('given the file of another workspace, or one that was removed, then there is none', async () => {
    const { hash } = await storage.write('acme', Buffer.from('secret'), 100);
    await expect(storage.open('other', hash)).rejects.toBeInstanceOf(StoredFileMissing);
    await storage.remove('acme', hash);
    await storage.remove('acme', hash);
    await expect(storage.read('acme', hash)).rejects.toBeInstanceOf(StoredFileMissing);
  });

  it('given a path for a hash or for a workspace, then it is refused', async () => {
    await expect(storage.read('acme', '../../etc/passwd')).rejects.toBeInstanceOf(StoredFileMissing);
    await expect(storage.write('../acme', Buffer.from('x'), 100)).rejects.toThrow('is no workspace');
  });

  it('given what nobody has written again since it was marked dead, then it is swept', async () => {
    const { hash } = await storage.write('acme', Buffer.from('old'), 100);
    expect(await storage.sweep('acme', hash, new Date(Date.now() + 60_000))).toBe(true);
    await expect(storage.read('acme', hash)).rejects.toBeInstanceOf(StoredFileMissing);
    expect(await storage.sweep('acme', hash, new Date())).toBe(true);
  });

  it('given the same content written again after it was marked dead, then it stays', async () => {
    const { hash } = await storage.write('acme', Buffer.from('again'), 100);
    expect(await storage.sweep('acme', hash, new Date(Date.now() - 60_000))).toBe(false);
    expect((await storage.read('acme', hash)).toString()).toBe('again');
  });

  it('given what a dead process left in transit, then it is tidied away, and no file with it', async () => {
    const { hash } = await storage.write('acme', Buffer.from('kept'), 100);
    const passing = await storage.write('transit', Buffer.from('body'), 100);
    await storage.tidy(new Date(Date.now() - 60_000));
    expect((await storage.read('transit', passing.hash)).toString()).toBe('body');
    await storage.tidy(new Date(Date.now() + 60_000));
    await expect(storage.read('transit', passing.hash)).rejects.toBeInstanceOf(StoredFileMissing);
    expect((await storage.read('acme', hash)).toString()).toBe('kept');
  });
});

describe('files on disk that are half written', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(root, 'half-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are in no place where anybody would find them, and are tidied away', async () => {
    const storage = await openStorage(`file://${folder}`);
    await expect(storage.write('acme', Buffer.from('too much'), 3)).rejects.toBeInstanceOf(StorageLimitExceeded);
    const incoming = join(folder, 'acme', 'incoming');
    expect(await readdir(incoming)).toEqual([]);
    await writeFile(join(incoming, 'half'), 'ha');
    await storage.tidy(new Date(Date.now() - 60_000));
    expect(await readdir(incoming)).toEqual(['half']);
    await storage.tidy(new Date(Date.now() + 60_000));
    expect(await readdir(incoming)).toEqual([]);
  });
});

describe('the address of the storage', () => {
  it('is refused where it is of no kind that we know, or names no bucket', async () => {
    await expect(openStorage('ftp://files')).rejects.toThrow('must begin with file:// or s3://');
    await expect(openStorage('s3:///prefix')).rejects.toThrow('names no bucket');
  });
});
