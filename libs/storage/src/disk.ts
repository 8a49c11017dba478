import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable } from 'node:stream';
import { StorageLimitExceeded, StoredFileMissing, transit, type Storage, type Stored } from './storage.js';

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

  async sweep(workspace: string, hash: string, deadSince: Date): Promise<boolean> {
    const path = this.#path(workspace, hash);
    const taken = join(this.#folder(workspace), 'incoming', randomUUID());
    await mkdir(dirname(taken), { recursive: true });
    try {
      // Taken aside before it is looked at: a writer who comes between the look and the removal would lose what they wrote.
      await rename(path, taken);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
      throw error;
    }
    if ((await stat(taken)).mtime > deadSince) {
      await rename(taken, path);
      return false;
    }
    await rm(taken);
    return true;
  }

  async tidy(before: Date): Promise<void> {
    for (const workspace of await readdir(this.#root).catch(() => [])) {
      const left = workspace === transit ? join(this.#root, transit) : join(this.#root, workspace, 'incoming');
      for (const entry of await readdir(left, { recursive: true, withFileTypes: true }).catch(() => [])) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile() && (await stat(path)).mtime < before) await rm(path, { force: true });
      }
    }
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
