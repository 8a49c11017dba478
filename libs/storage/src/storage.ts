import { type Readable } from 'node:stream';

/** A stored file: what it is called is a matter of who attached it. */
export interface Stored {
  /** SHA-256 of the content, hex. */
  hash: string;
  /** Bytes. */
  size: number;
}

/**
 * Files, content-addressed within a workspace: the same content is stored once, and what was stored never changes. A hash is never taken
 * from outside: whoever asks for one has read it from a row that the actor may see.
 */
export interface Storage {
  /**
   * Stores a stream whole, or not at all.
   * @param limit the most bytes that are taken
   * @throws StorageLimitExceeded when there are more; nothing is kept
   */
  write(workspace: string, content: Readable | Uint8Array, limit: number): Promise<Stored>;
  /** @throws StoredFileMissing */
  open(workspace: string, hash: string): Promise<Readable>;
  /** The whole content: for what is known to be small, or is parsed as a whole anyway. @throws StoredFileMissing */
  read(workspace: string, hash: string): Promise<Buffer>;
  remove(workspace: string, hash: string): Promise<void>;
  /**
   * Removes a file that nothing has referred to since `deadSince`, unless the same content was written again after that: whoever wrote it is
   * about to refer to it. @returns whether it is gone
   */
  sweep(workspace: string, hash: string, deadSince: Date): Promise<boolean>;
  /** Removes what was half written, or in transit, before this moment: left behind by a process that died. */
  tidy(before: Date): Promise<void>;
}

/** More bytes came than were allowed. */
export class StorageLimitExceeded extends Error {
  constructor(readonly limit: number) {
    super(`more than ${limit} bytes`);
  }
}

/** The folder of what is under way between two services, beside those of the workspaces. */
export const transit = 'transit';

/** The file is not there: swept, or the storage is another one. */
export class StoredFileMissing extends Error {
  constructor(hash: string) {
    super(`no file ${hash}`);
  }
}
