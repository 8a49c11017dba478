import { Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { summariseAuthentication, type AuthenticationSummary } from '@sportello/mail';
import { authenticate, type DNSResolver } from 'mailauth';

/** All look-ups of one mail together: a slow name server must not hold up the mailbox. */
const totalMilliseconds = 1000;
const believedMilliseconds = 5 * 60_000;
const mostKnown = 5000;

/** SPF, DKIM and DMARC by mailauth, with DNS answers kept for five minutes. */
@Injectable()
export class Authenticator {
  readonly #resolver = new Resolver({ timeout: 500, tries: 1 });
  readonly #answers = new Map<string, { answer: Promise<string[][] | string[]>; until: number }>();

  /** Never throws: what cannot be looked up in time counts as "could not be checked". */
  async check(
    raw: Buffer,
    transport: { address?: string | null; name?: string | null; sender: string | null },
    confirmedForwarder: boolean,
  ): Promise<AuthenticationSummary> {
    const until = Date.now() + totalMilliseconds;
    const result = await authenticate(raw, {
      ip: transport.address ?? undefined,
      helo: transport.name ?? undefined,
      sender: transport.sender ?? undefined,
      disableArc: true,
      disableBimi: true,
      resolver: (domain, type) => this.#resolve(domain, type, until),
    });
    return summariseAuthentication(result, { confirmedForwarder });
  }

  readonly #resolve = async (domain: string, type: string, until: number): ReturnType<DNSResolver> => {
    const key = `${type} ${domain.toLowerCase()}`;
    const now = Date.now();
    const known = this.#answers.get(key);
    const answer = known && known.until > now ? known.answer : this.#ask(key, domain, type);
    const late = new Promise<never>((_resolve, reject) => {
      const timer = setTimeout(
        () => reject(Object.assign(new Error('DNS took too long'), { code: 'ETIMEOUT' })),
        Math.max(until - now, 0),
      );
      timer.unref();
    });
    return Promise.race([answer, late]);
  };

  #ask(key: string, domain: string, type: string): Promise<string[][] | string[]> {
    const answer = this.#resolver.resolve(domain, type as 'TXT') as Promise<string[][] | string[]>;
    answer.catch((error: NodeJS.ErrnoException) => {
      // An answer that says "there is none" is an answer; trouble with the wire is not.
      if (error.code !== 'ENOTFOUND' && error.code !== 'ENODATA') this.#answers.delete(key);
    });
    if (this.#answers.size >= mostKnown) this.#answers.clear();
    this.#answers.set(key, { answer, until: Date.now() + believedMilliseconds });
    return answer;
  }
}
