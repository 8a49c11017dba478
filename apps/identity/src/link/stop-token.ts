import { timingSafeEqual } from 'node:crypto';
import { type LinkActor } from '@sportello/permissions';
import { linkProof } from './link-token.js';

/** What a "Stop mails about this" stands for. */
export type StopPurpose = Pick<LinkActor, 'workspace' | 'person' | 'itemId'>;

const kinds = ['user', 'customer'] as const;
const bodyBytes = 16 + 1 + 16 + 16 + 4;
const proofBytes = 20;

/**
 * The token of the link: everything that it stands for, until when, and a proof that only this installation can compute. No row is kept: there is one
 * in every mail.
 */
export function stopToken({ workspace, person, itemId }: StopPurpose, expires: Date, secretKey: string): string {
  const until = Buffer.alloc(4);
  until.writeUInt32BE(Math.floor(expires.getTime() / 1000));
  const body = Buffer.concat([bytesOf(workspace), Buffer.from([kinds.indexOf(person.kind)]), bytesOf(person.id), bytesOf(itemId), until]); // prettier-ignore
  return Buffer.concat([body, proofOf(body, secretKey)]).toString('base64url');
}

/** What a token stands for; null when it is forged, of another purpose, or too old. */
export function readStopToken(token: string, now: Date, secretKey: string): StopPurpose | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== bodyBytes + proofBytes) return null;
  const [body, proof] = [bytes.subarray(0, bodyBytes), bytes.subarray(bodyBytes)];
  if (!timingSafeEqual(proof, proofOf(body, secretKey))) return null;
  if (body.readUInt32BE(bodyBytes - 4) * 1000 <= now.getTime()) return null;
  const kind = kinds[body[16] as number];
  return kind ? { workspace: idAt(body, 0), person: { kind, id: idAt(body, 17) }, itemId: idAt(body, 33) } : null;
}

const proofOf = (body: Buffer, secretKey: string) => linkProof(`stop-mails ${body.toString('hex')}`, secretKey);
const bytesOf = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
const idAt = (bytes: Buffer, at: number) =>
  bytes.toString('hex', at, at + 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
