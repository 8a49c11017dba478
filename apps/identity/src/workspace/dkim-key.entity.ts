import { createCipheriv, createDecipheriv, generateKeyPair, hkdfSync } from 'node:crypto';
import { promisify } from 'node:util';
import { defineEntity, p } from '@mikro-orm/postgresql';
import { type RandomBytes } from '@sportello/kernel';

export const DkimKeySchema = defineEntity({
  name: 'DkimKey',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    domain: p.string(),
    selector: p.string(),
    record: p.text(),
    sealedPrivateKey: p.text(),
    createdAt: p.datetime(),
  },
});

/** The key that outgoing mail of a workspace is signed with; one a workspace, so its id is the workspace's. */
export class DkimKey extends DkimKeySchema.class {
  /** @throws Error when the installation's secret is another than the key was sealed with */
  privateKey(secretKey: string): string {
    const [nonce, tag, sealed] = this.sealedPrivateKey.split('.').map((part) => Buffer.from(part, 'base64url'));
    const opening = createDecipheriv('aes-256-gcm', sealingKey(secretKey, this.workspaceId), nonce as Buffer);
    opening.setAuthTag(tag as Buffer);
    return Buffer.concat([opening.update(sealed as Buffer), opening.final()]).toString();
  }
}
DkimKeySchema.setClass(DkimKey);

/** A new key of 2048 bits: what every receiver takes, and what fits into a DNS answer by UDP. */
export async function makeDkimKey(given: {
  workspaceId: string;
  domain: string;
  secretKey: string;
  now: Date;
  random: RandomBytes;
}): Promise<DkimKey> {
  const { workspaceId, domain, secretKey, now, random } = given;
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return Object.assign(new DkimKey(), {
    workspaceId,
    id: workspaceId,
    domain,
    // A new key gets a new name: the record of the old one stays good for mail that is on its way.
    selector: `sportello${now.toISOString().slice(0, 10).replaceAll('-', '')}${Buffer.from(random(2)).toString('hex')}`,
    record: `v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`,
    sealedPrivateKey: seal(privateKey, sealingKey(secretKey, workspaceId), random),
    createdAt: now,
  });
}

/** A key a workspace: what one sealed, another cannot open. */
function sealingKey(secretKey: string, workspaceId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, 'sportello', `dkim keys of ${workspaceId}`, 32));
}

function seal(text: string, key: Buffer, random: RandomBytes): string {
  const nonce = Buffer.from(random(12));
  const closing = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([closing.update(text), closing.final()]);
  return [nonce, closing.getAuthTag(), sealed].map((part) => part.toString('base64url')).join('.');
}
