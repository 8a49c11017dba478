import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { type Readable } from 'node:stream';
import { StorageLimitExceeded, type Stored } from './storage.js';

/**
 * Writes a stream to a new file, whole and synced, or leaves nothing there.
 * @param limit the most bytes that are taken
 * @throws StorageLimitExceeded when there are more
 */
export async function writeIncoming(path: string, content: Readable | Uint8Array, limit: number): Promise<Stored> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx', 0o600);
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
    return { hash: hash.digest('hex'), size };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}
