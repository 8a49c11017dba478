import { BlockList, isIP } from 'node:net';
import { type Config } from '@sportello/service';

/** Networks that the world does not reach (IANA's special-purpose registries): an address there is somebody's own, ours above all. */
const internal = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/127', '64:ff9b::/96', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
];

const familyOf = (address: string) => (isIP(address) === 6 ? ('ipv6' as const) : ('ipv4' as const));

function networks(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.trim().split('/');
    list.addSubnet(address, Number(bits ?? (familyOf(address) === 'ipv6' ? 128 : 32)), familyOf(address));
  }
  return list;
}

const internalNetworks = networks(internal);

/** A name led into our own network. */
export class InternalAddress extends Error {}

/** How names become addresses: `dns.lookup`. */
export type Lookup = (host: string) => Promise<string[]>;

/**
 * The address to connect to for a host that a workspace's administrator named. They are no operator: through a mailbox they must not reach what only the
 * installation itself may (a database, a cloud's metadata service). The connection is made to the address that was checked, since the name may lead
 * elsewhere a moment later.
 * @param allowed `IMAP_INTERNAL_NETWORKS`: internal networks whose mail servers may be fetched from all the same
 * @throws InternalAddress when any of the host's addresses is internal and not allowed
 */
export async function addressOf(
  host: string,
  allowed: Config['IMAP_INTERNAL_NETWORKS'],
  lookup: Lookup,
): Promise<string> {
  const permitted = networks(allowed?.split(',').filter(Boolean) ?? []);
  const addresses = await lookup(host);
  for (const address of addresses) {
    const family = familyOf(address);
    if (internalNetworks.check(address, family) && !permitted.check(address, family))
      throw new InternalAddress(
        'This server is in the internal network of the installation. Whoever runs Sportello can allow it (IMAP_INTERNAL_NETWORKS).',
      );
  }
  return addresses[0] as string;
}
