import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { writeIncoming } from './incoming.js';
import { keyOf, requireWorkspace } from './key.js';
import { StoredFileMissing, transit, type Storage, type Stored } from './storage.js';

/** Where the files are. Credentials come from the environment, as for every client of S3 (`AWS_ACCESS_KEY_ID`, a role of the machine, …). */
export interface S3Place {
  bucket: string;
  /** What every key begins with: empty, or ends in a slash. */
  prefix: string;
  region: string;
  /** Of a store that is not Amazon's; it is then addressed by path. */
  endpoint: string | null;
}

/**
 * Reads `s3://bucket/prefix?region=eu-north-1&endpoint=https://s3.example.com`.
 * @throws Error when it names no bucket
 */
export function readS3Place(url: string): S3Place {
  const { hostname: bucket, pathname, searchParams } = new URL(url);
  if (!bucket) throw new Error('STORAGE_URL names no bucket: s3://bucket/prefix?region=…');
  const prefix = pathname.replace(/^\/+|\/+$/g, '');
  return {
    bucket,
    prefix: prefix ? `${prefix}/` : '',
    region: searchParams.get('region') ?? process.env.AWS_REGION ?? 'us-east-1',
    endpoint: searchParams.get('endpoint'),
  };
}

/** Files in an S3 bucket: `<prefix><workspace>/<first two of the hash>/<hash>`, as on disk. An object is there whole or not at all. */
export class S3Storage implements Storage {
  readonly #client: S3Client;
  readonly #place: S3Place;

  constructor(place: S3Place) {
    this.#place = place;
    const { region, endpoint } = place;
    this.#client = new S3Client({
      region,
      ...(endpoint && { endpoint, forcePathStyle: true }),
      // The trailing checksums that Amazon likes are unknown to other stores; the hash in the key says more.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async write(workspace: string, content: Readable | Uint8Array, limit: number): Promise<Stored> {
    requireWorkspace(workspace);
    // The key is the hash, which is known at the end: the bytes wait in a file of this machine, not in memory.
    const folder = await mkdtemp(join(tmpdir(), 'sportello-upload-'));
    try {
      const path = join(folder, 'incoming');
      const { hash, size } = await writeIncoming(path, content, limit);
      const { bucket: Bucket } = this.#place;
      await this.#client.send(
        new PutObjectCommand({
          Bucket,
          Key: this.#key(workspace, hash),
          Body: createReadStream(path),
          ContentLength: size,
        }),
      );
      return { hash, size };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async open(workspace: string, hash: string): Promise<Readable> {
    const key = this.#key(workspace, hash);
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#place.bucket, Key: key }));
      return Body as Readable;
    } catch (error) {
      throw isMissing(error) ? new StoredFileMissing(hash) : error;
    }
  }

  async read(workspace: string, hash: string): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.open(workspace, hash)) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }

  async remove(workspace: string, hash: string): Promise<void> {
    await this.#delete(this.#key(workspace, hash));
  }

  /** Between the look and the removal somebody may write the same content again: a millisecond in a day, for which a versioned bucket is the remedy. */
  async sweep(workspace: string, hash: string, deadSince: Date): Promise<boolean> {
    const key = this.#key(workspace, hash);
    try {
      const { LastModified } = await this.#client.send(new HeadObjectCommand({ Bucket: this.#place.bucket, Key: key }));
      if (LastModified && LastModified > deadSince) return false;
    } catch (error) {
      if (isMissing(error)) return true;
      throw error;
    }
    await this.#delete(key);
    return true;
  }

  async tidy(before: Date): Promise<void> {
    const { bucket: Bucket, prefix } = this.#place;
    for (let ContinuationToken: string | undefined; ;) {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket, Prefix: `${prefix}${transit}/`, ContinuationToken }),
      );
      for (const { Key, LastModified } of page.Contents ?? [])
        if (Key && LastModified && LastModified < before) await this.#delete(Key);
      if (!page.NextContinuationToken) return;
      ContinuationToken = page.NextContinuationToken;
    }
  }

  async #delete(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#place.bucket, Key: key }));
  }

  #key(workspace: string, hash: string): string {
    return this.#place.prefix + keyOf(workspace, hash);
  }
}

const isMissing = (error: unknown): boolean => error instanceof NoSuchKey || error instanceof NotFound;
