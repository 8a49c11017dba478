import { defineEntity, p } from '@mikro-orm/postgresql';
import { hash, verify } from '@node-rs/argon2';

export const PasswordSchema = defineEntity({
  name: 'Password',
  properties: {
    workspaceId: p.uuid().primary(),
    /** The user's. */
    id: p.uuid().primary(),
    hash: p.text(),
    changedAt: p.datetime(),
  },
});

/** A user's password, apart from the user: nothing that reads users ever holds a hash. */
export class Password extends PasswordSchema.class {
  static async create(parts: { workspaceId: string; userId: string; text: string; now: Date }): Promise<Password> {
    const { workspaceId, userId: id, text, now } = parts;
    return Object.assign(new Password(), { workspaceId, id, hash: await hashPassword(text), changedAt: now });
  }

  async change(text: string, now: Date): Promise<void> {
    this.hash = await hashPassword(text);
    this.changedAt = now;
  }

  matches(text: string): Promise<boolean> {
    return verify(this.hash, text);
  }
}
PasswordSchema.setClass(Password);

/** OWASP's second setting for argon2id (19 MiB, 2 passes, 1 lane): the most work that 2 cores can give to a morning's sign-ins. */
const cost = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

function hashPassword(text: string): Promise<string> {
  return hash(text, cost);
}

let nobody: Promise<string> | null = null;

/** The work of `matches` where there is nothing to match, so that an unknown address does not answer sooner than a known one. */
export async function matchNothing(text: string): Promise<false> {
  nobody ??= hashPassword('the password of nobody');
  await verify(await nobody, text);
  return false;
}
