import { describe, expect, it } from '@jest/globals';
import { addressOf, InternalAddress } from './address.js';

const leadsTo =
  (...addresses: string[]) =>
  async () =>
    addresses;

describe('the address of a mailbox that an administrator names', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.9', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['::1', '::', 'fe80::1', 'fd00::5', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
  ])('given a name that leads to %s, then it is refused', async (address) => {
    await expect(addressOf('imap.evil.test', undefined, leadsTo(address))).rejects.toBeInstanceOf(InternalAddress);
  });

  it.each(['203.0.114.9', '2a00:1450:4001::6c'])('given a name that leads to %s, then that is it', async (address) => {
    expect(await addressOf('imap.example.com', undefined, leadsTo(address))).toBe(address);
  });

  it('given one internal address among public ones, then it is refused', async () => {
    const both = leadsTo('203.0.114.9', '10.0.0.1');
    await expect(addressOf('imap.evil.test', undefined, both)).rejects.toBeInstanceOf(InternalAddress);
  });

  it('given a network that the operator allows, then its servers are reached and no others', async () => {
    const allowed = '10.20.0.0/16, 192.168.7.4,fd12::/32';
    expect(await addressOf('imap.office', allowed, leadsTo('10.20.3.4'))).toBe('10.20.3.4');
    expect(await addressOf('imap.office', allowed, leadsTo('192.168.7.4'))).toBe('192.168.7.4');
    expect(await addressOf('imap.office', allowed, leadsTo('fd12::9'))).toBe('fd12::9');
    await expect(addressOf('imap.office', allowed, leadsTo('192.168.7.5'))).rejects.toBeInstanceOf(InternalAddress);
  });
});
