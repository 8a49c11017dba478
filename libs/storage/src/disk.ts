import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable } from 'node:stream';
import { writeIncoming } from './incoming.js';
import { keyOf, requireWorkspace } from './key.js';
import { StoredFileMissing, transit, type Storage, type Stored } from './storage.js';

/** Files on a local or shared disk: `<root>/<workspace>/<first two of the hash>/<hash>`. */
export class DiskStorage implements Storage {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async write(workspace: string, content: Readable | Uint8Array, limit: number): Promise<Stored> {
    const temporary = join(this.#folder(workspace), 'incoming', randomUUID());
    await mkdir(dirname(temporary), { recursive: true });
    // Whole, synced, then renamed: a crash leaves either the file or nothing that anybody would find.
    const stored = await writeIncoming(temporary, content, limit);
    const target = this.#path(workspace, stored.hash);
    await mkdir(dirname(target), { recursive: true });
    await rename(temporary, target);
    return stored;
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
    return join(this.#root, requireWorkspace(workspace));
  }

  #path(workspace: string, hash: string): string {
    return join(this.#root, keyOf(workspace, hash));
  }
}
