import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable } from 'node:stream';
import { StorageLimitExceeded, StoredFileMissing, type Storage, type Stored } from './storage.js';

const hashPattern = /^[0-9a-f]{64}$/;
const workspacePattern = /^[0-9a-z-]{1,64}$/;

/** Files on a local or shared disk: `<root>/<workspace>/<first two of the hash>/<hash>`. */
export class DiskStorage implements Storage {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async write(workspace: string, content: Readable | Uint8Array, limit: number): Promise<Stored> {
    const temporary = join(this.#folder(workspace), 'incoming', randomUUID());
    await mkdir(dirname(temporary), { recursive: true });
    const hash = createHash('sha256');
    let size = 0;
    // Whole, synced, then renamed: a crash leaves either the file or nothing that anybody would find.
    const file = await open(temporary, 'wx', 0o600);
    try {
      for await (const chunk of content instanceof Uint8Array ? [content] : content) {
        const bytes = chunk as Uint8Array;
        size += bytes.length;
        if (size > limit) throw new StorageLimitExceeded(limit);
        hash.update(bytes);
        await file.write(bytes);
      }
      await file.sync();
      await file.close();
      const digest = hash.digest('hex');
      const target = this.#path(workspace, digest);
      await mkdir(dirname(target), { recursive: true });
      await rename(temporary, target);
      return { hash: digest, size };
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async open(workspace: string, hash: string): Promise<Readable> {
    const path = this.#path(workspace, hash);
    await stat(path).catch(() => {
      throw new StoredFileMissing(hash);
    });
    return createReadStream(path);
  }

  async read(workspace: string, hash: string): Promise<Buffer> {
    return readFile(this.#path(workspace, hash)).catch(() => {
      throw new StoredFileMissing(hash);
    });
  }

  async remove(workspace: string, hash: string): Promise<void> {
    await rm(this.#path(workspace, hash), { force: true });
  }

  #folder(workspace: string): string {
    if (!workspacePattern.test(workspace)) throw new Error(`${workspace} is no workspace`);
    return join(this.#root, workspace);
  }

  #path(workspace: string, hash: string): string {
    if (!hashPattern.test(hash)) throw new StoredFileMissing(hash);
    return join(this.#folder(workspace), hash.slice(0, 2), hash);
  }
}
