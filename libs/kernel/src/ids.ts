import { randomFillSync } from 'node:crypto';

/** Fills the array with random bytes and returns it. Passed in, so that decisions stay pure. */
export type RandomBytes = (length: number) => Uint8Array;

/** Bytes from the operating system. */
export const systemRandom: RandomBytes = (length) => randomFillSync(new Uint8Array(length));

/** The text form of a UUID, any version. */
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * A UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 random bits. Ids rise with time, so that new rows land at the end
 * of an index instead of all over it.
 * @param now the moment that the id carries
 */
export function uuidv7(now: Date, random: RandomBytes): string {
  const bytes = random(16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const milliseconds = now.getTime();
  view.setUint32(0, Math.floor(milliseconds / 0x10000));
  view.setUint16(4, milliseconds % 0x10000);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  return formatUuid(bytes);
}

function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** An unguessable word of 160 bits for addresses, links and tokens: lower-case base32, safe in a mail's local part. */
export function secretWord(random: RandomBytes): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = 0n;
  for (const byte of random(20)) bits = (bits << 8n) | BigInt(byte);
  let word = '';
  for (let digit = 0; digit < 32; digit += 1) {
    word = alphabet[Number(bits & 31n)] + word;
    bits >>= 5n;
  }
  return word;
}
