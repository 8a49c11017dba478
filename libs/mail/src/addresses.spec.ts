import { describe, expect, it } from '@jest/globals';
import { domainOf, isPublicDomain, sameAddress, toMailbox } from './addresses.js';

describe('addresses', () => {
  it('given two spellings, they are one address', () => {
    expect(sameAddress(' Anna@Acme.Example', 'anna@acme.example')).toBe(true);
    expect(sameAddress('anna@acme.example', 'ana@acme.example')).toBe(false);
  });

  it.each([
    ['Anna@ACME.Example', 'Anna@acme.example'],
    ['anna@mächine.example', 'anna@xn--mchine-bua.example'],
    ['@relay.example:anna@acme.example.', 'anna@acme.example'],
    ['anna@ acme .example', 'anna@acme.example'],
  ])('given %s, it is kept as %s', (typed, address) => {
    expect(toMailbox('', typed)).toEqual({ name: '', address });
  });

  it.each(['', 'anna', '@acme.example', 'anna@', ' @ ', 'a'.repeat(1000) + '@x.example'])(
    'given %j, it is no address',
    (typed) => {
      expect(toMailbox('', typed)).toBeNull();
    },
  );

  it.each([
    'gmail.com',
    'Outlook.com',
    'libero.it',
    'pec.it',
    'tin.it',
    'online.no',
    'altibox.no',
    'icloud.com',
    'hey.com',
    'yahoo.it',
    'gmx.de',
  ])('%s is where anyone has an address', (domain) => {
    expect(isPublicDomain(domain)).toBe(true);
  });

  it.each(['contoso.example', 'equinor.com', 'fiat.it', ''])('%j is not', (domain) => {
    expect(isPublicDomain(domain)).toBe(false);
  });

  it('given an address, its domain is the last part', () => {
    expect(domainOf('"a@b"@Acme.Example')).toBe('acme.example');
    expect(domainOf('nobody')).toBe('');
  });
});
