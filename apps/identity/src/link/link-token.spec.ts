import { describe, expect, it } from '@jest/globals';
import { claimedId, isLinkToken, linkToken, type LinkPurpose } from './link-token.js';

const secret = 'a secret that only tests know, long enough';
const purpose: LinkPurpose = {
  kind: 'invitation',
  workspaceId: '019a0000-0000-7000-8000-000000000001',
  id: '019a0000-0000-7000-8000-000000000002',
  sending: 1,
};

describe('links in mails', () => {
  it('given a purpose, then its token names its row and is the same every time', () => {
    const token = linkToken(purpose, secret);
    expect(claimedId(token)).toBe(purpose.id);
    expect(linkToken(purpose, secret)).toBe(token);
    expect(isLinkToken(token, purpose, secret)).toBe(true);
  });

  it.each<[string, Partial<LinkPurpose>]>([
    ['another kind', { kind: 'password-reset' }],
    ['another workspace', { workspaceId: '019a0000-0000-7000-8000-000000000003' }],
    ['another row', { id: '019a0000-0000-7000-8000-000000000004' }],
    ['a later sending', { sending: 2 }],
  ])('given %s, then the token is not for it', (_what, other) => {
    expect(isLinkToken(linkToken(purpose, secret), { ...purpose, ...other }, secret)).toBe(false);
  });

  it('given another installation, or text that is no token, then it is none of ours', () => {
    expect(isLinkToken(linkToken(purpose, 'another secret'), purpose, secret)).toBe(false);
    for (const text of ['', 'x'.repeat(20), `${linkToken(purpose, secret)}AAAA`]) {
      expect(claimedId(text)).toBeNull();
      expect(isLinkToken(text, purpose, secret)).toBe(false);
    }
  });
});
