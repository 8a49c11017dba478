import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What a link of a mail is for. */
export interface LinkPurpose {
  kind: 'invitation' | 'password-reset';
  workspaceId: string;
  id: string;
  /** Which sending of an invitation; 1 for what is sent once. */
  sending: number;
}

/**
 * The secret of a link: the row's id, then 160 bits that only this installation can compute for it. Derived and not drawn, so that no table and
 * no event ever holds it, and so that a mail that is sent once more after a crash, which the reader's program may take for the first one,
 * carries the same link. Whether it is still good stands in the row.
 */
export function linkToken(purpose: LinkPurpose, secretKey: string): string {
  const id = Buffer.from(purpose.id.replaceAll('-', ''), 'hex');
  return Buffer.concat([id, proofOf(purpose, secretKey)]).toString('base64url');
}

/** The id that a token claims to be for; null when it is no token of ours. */
export function claimedId(token: string): string | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 36) return null;
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Whether a token is the one for this purpose, compared in constant time. */
export function isLinkToken(token: string, purpose: LinkPurpose, secretKey: string): boolean {
  const proof = Buffer.from(token, 'base64url').subarray(16);
  const expected = proofOf(purpose, secretKey);
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}

const proofOf = ({ kind, workspaceId, id, sending }: LinkPurpose, secretKey: string): Buffer =>
  linkProof(`${kind} ${workspaceId} ${id} ${sending}`, secretKey);

/** 160 bits that only this installation can compute for a purpose, which the text names first. */
export function linkProof(text: string, secretKey: string): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secretKey, 'sportello', 'links in mails', 32));
  return createHmac('sha256', key).update(text).digest().subarray(0, 20);
}
