import { describe, expect, it } from '@jest/globals';
import { seal, unseal } from './secret.js';

const key = 'a secret key of the installation, long enough';
const nonce = new Uint8Array(12).fill(3);

describe("a mailbox's secret", () => {
  it('given the same key and owner, opens again', () => {
    const sealed = seal(key, 'account', 'pässword', nonce);
    expect(sealed).not.toContain('pässword');
    expect(unseal(key, 'account', sealed)).toBe('pässword');
  });

  it('given another key, another owner or a changed byte, does not open', () => {
    const sealed = seal(key, 'account', 'password', nonce);
    const bytes = Buffer.from(sealed, 'base64url');
    bytes[bytes.length - 1]! ^= 1;
    expect(() => unseal(`${key}!`, 'account', sealed)).toThrow();
    expect(() => unseal(key, 'other', sealed)).toThrow();
    expect(() => unseal(key, 'account', bytes.toString('base64url'))).toThrow();
  });
});
