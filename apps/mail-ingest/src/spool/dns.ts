import { Resolver } from 'node:dns/promises';

/** Under which name Nest finds the resolver; tests give their own records. */
export const DNS = Symbol('DNS');

/** Asks the domain name system. @throws an error with `code` `ENOTFOUND` or `ENODATA` where there is nothing */
export interface Dns {
  resolve(domain: string, type: string): Promise<string[][] | string[]>;
}

/** Names that no name server may know (RFC 6761): asking would only wait for the answer. */
const neverThere = /(^|\.)(example|test|invalid|localhost|local|example\.(com|net|org))\.?$/i;

/** The system's name servers. */
export function systemDns(): Dns {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  return {
    resolve: (domain, type) =>
      neverThere.test(domain)
        ? Promise.reject(Object.assign(new Error(`${domain} is nowhere`), { code: 'ENOTFOUND' }))
        : (resolver.resolve(domain, type as 'TXT') as Promise<string[][] | string[]>),
  };
}
