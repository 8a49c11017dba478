import { fileURLToPath } from 'node:url';
import { DiskStorage } from './disk.js';
import { type Storage } from './storage.js';

/**
 * The storage that `STORAGE_URL` names: `file:///var/lib/sportello/files`, or `s3://bucket/prefix?region=…&endpoint=…`.
 * @throws Error for any other kind of address
 */
export async function openStorage(url: string): Promise<Storage> {
  if (url.startsWith('file://')) return new DiskStorage(fileURLToPath(url));
  if (url.startsWith('s3://')) {
    // Amazon's client costs 38 MB and 0.3 s (measured): only those pay who use it.
    const { readS3Place, S3Storage } = await import('./s3.js');
    return new S3Storage(readS3Place(url));
  }
  throw new Error(`STORAGE_URL must begin with file:// or s3://, and is ${url.split(':')[0]}:…`);
}
