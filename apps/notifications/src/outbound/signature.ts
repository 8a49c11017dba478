import { type MailIdentity } from '@sportello/contracts';

/**
 * Signs a raw mail for the workspace's domain, where it has a key. Loaded when first needed: most of a development day nobody signs.
 * @throws Error where the key cannot sign: the mail waits, rather than going out unsigned into spam folders
 */
export async function signed(
  raw: Buffer,
  { dkimDomain, dkimSelector, dkimPrivateKey }: MailIdentity,
  signTime: Date,
): Promise<Buffer> {
  if (!dkimDomain || !dkimSelector || !dkimPrivateKey) return raw;
  const key = { signingDomain: dkimDomain, selector: dkimSelector, privateKey: dkimPrivateKey };
  const { dkimSign } = await import('mailauth/lib/dkim/sign.js');
  const { signatures, errors } = await dkimSign(raw, {
    canonicalization: 'relaxed/relaxed',
    signTime,
    ...key,
    signatureData: [key],
  });
  if (!signatures) throw new Error(`DKIM: ${errors.map(({ err }) => err.message).join('; ') || 'not signed'}`);
  return Buffer.concat([Buffer.from(signatures), raw]);
}
