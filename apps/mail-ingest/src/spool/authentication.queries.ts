import { Inject, Injectable } from '@nestjs/common';
import { domainOf, summariseAuthentication, type AuthenticationSummary } from '@sportello/mail';
import { authenticate, type DNSResolver } from 'mailauth';
import { DNS, type Dns } from './dns.js';
import { type SpooledMail } from './spool.queries.js';

/** All look-ups of one mail together: a slow name server must not hold up the mailbox. */
const totalMilliseconds = 1000;
const believedMilliseconds = 5 * 60_000;
const mostKnown = 5000;

type Answer = Promise<string[][] | string[]>;

/** SPF, DKIM and DMARC by mailauth, with DNS answers kept for five minutes. */
@Injectable()
export class Authenticator {
  readonly #answers = new Map<string, { answer: Answer; until: number }>();

  constructor(@Inject(DNS) private readonly dns: Dns) {}

  /**
   * What cannot be looked up in time counts as "could not be checked".
   * @param forwarders confirmed forwarded addresses that the mail names
   */
  async check(raw: Buffer, mail: SpooledMail, forwarders: readonly string[]): Promise<AuthenticationSummary> {
    const until = Date.now() + totalMilliseconds;
    const result = await authenticate(raw, {
      ip: mail.client_address ?? undefined,
      helo: mail.client_name ?? undefined,
      sender: mail.envelope_from ?? undefined,
      disableArc: true,
      disableBimi: true,
      resolver: (domain, type) => this.#resolve(domain, type, until),
    });
    // A mail server of the workspace's own choice handed these over: it saw the sender's address, which we cannot see any more.
    const handedOver = mail.source !== 'smtp';
    // Anybody can write a forwarded address into To. That the mail came through the forwarder is shown by the envelope sender, which it has rewritten
    // to its own domain, and by SPF, which says that this domain's server sent it.
    const spf = result.spf && result.spf.status.result === 'pass';
    const forwarderDomain = domainOf(mail.envelope_from ?? '');
    const cameThrough = spf && forwarders.some((address) => domainOf(address) === forwarderDomain);
    return summariseAuthentication(result, { confirmedForwarder: handedOver || cameThrough });
  }

  readonly #resolve = async (domain: string, type: string, until: number): ReturnType<DNSResolver> => {
    const key = `${type} ${domain.toLowerCase()}`;
    const now = Date.now();
    const known = this.#answers.get(key);
    const answer = known && known.until > now ? known.answer : this.#ask(key, domain, type);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const give = () => reject(Object.assign(new Error('DNS took too long'), { code: 'ETIMEOUT' }));
      timer = setTimeout(give, Math.max(until - now, 0));
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  };

  #ask(key: string, domain: string, type: string): Answer {
    const answer = this.dns.resolve(domain, type);
    answer.catch((error: NodeJS.ErrnoException) => {
      // An answer that says "there is none" is an answer; trouble with the wire is not.
      if (error.code !== 'ENOTFOUND' && error.code !== 'ENODATA') this.#answers.delete(key);
    });
    if (this.#answers.size >= mostKnown) this.#answers.clear();
    this.#answers.set(key, { answer, until: Date.now() + believedMilliseconds });
    return answer;
  }
}
