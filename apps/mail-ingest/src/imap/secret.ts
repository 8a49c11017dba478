import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

const keyOf = (secretKey: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secretKey, 'sportello', 'secrets of IMAP accounts', 32));

/**
 * Seals a mailbox's password or token (AES-256-GCM), so that whoever reads the database cannot read the mailbox.
 * @param owner the account's id: a sealed secret that was copied to another row does not open there
 * @param nonce 12 random bytes
 */
export function seal(secretKey: string, owner: string, secret: string, nonce: Uint8Array): string {
  const cipher = createCipheriv('aes-256-gcm', keyOf(secretKey), nonce).setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** The other end of `seal`. @throws Error when it was sealed by another key, for another owner, or changed since */
export function unseal(secretKey: string, owner: string, text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secretKey), bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
