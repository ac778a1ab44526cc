/** Which hosts this process may be made to call by those who use it. */
import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** The host is not to be called: it leads to this machine or its surroundings. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget';

  constructor(host: string) {
    super(`${host} is not a public address.`);
  }
}

/** Hosts that may be called although they are not public: names, addresses and networks. */
export interface AllowedTargets {
  names: ReadonlySet<string>;
  networks: BlockList;
}

/** Reads names, addresses and networks ("localhost, 10.1.0.0/16, fd00::1"). Throws for a part that is none of them. */
export function readAllowedTargets(list: string): AllowedTargets {
  const names = new Set<string>();
  const networks = new BlockList();
  for (const part of list.split(',').map((each) => each.trim().toLowerCase())) {
    if (part === '') continue;
    const [address = '', length, ...rest] = part.replace(/^\[(.*)\]$/, '$1').split('/');
    const family = familyOf(address);
    if (family && length === undefined) networks.addAddress(address, family);
    else if (family && rest.length === 0 && /^\d{1,3}$/.test(length ?? '') && Number(length) <= bits[family])
      networks.addSubnet(address, Number(length), family);
    else if (length === undefined && /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(part)) names.add(part);
    else throw new Error(part);
  }
  return { names, networks };
}

const bits = { ipv4: 32, ipv6: 128 } as const;

/** What is not a host of its own in the public network, by the registries of special addresses. */
const special = new BlockList();
for (const [network, length] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // With the metadata services of most clouds.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Public by its number, but in Azure the machine's own host answers there.
  ['168.63.129.16', 32],
] as const)
  special.addSubnet(network, length, 'ipv4');
for (const [network, length] of [
  // Within the global ones: protocol assignments with Teredo and ORCHID, documentation, 6to4.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, length, 'ipv6');
/** All others are loopback, link-local, unique local, multicast, translated IPv4 and such. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');

/** Whether an address may be called. */
export function isAllowedAddress(address: string, allowed: AllowedTargets): boolean {
  const family = familyOf(address);
  if (!family) return false;
  if (allowed.networks.check(address, family)) return true;
  if (special.check(address, family)) return false;
  return family === 'ipv4' || global6.check(address, family);
}

/** Whether a host of a URL leads nowhere that may be called, as its name alone says. */
export function isForbiddenHost(hostname: string, allowed: AllowedTargets): boolean {
  const host = plain(hostname);
  if (allowed.names.has(host)) return false;
  return isIP(host) === 0 ? /(^|\.)localhost$/.test(host) : !isAllowedAddress(host, allowed);
}

/** Finds all addresses of a name. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>;

const resolver = new Resolver({ timeout: 2000, tries: 2 });

/**
 * Asks the name servers. Not the resolver of the system: a name whose servers do not answer would block one of the few
 * threads that this process has for such things, also for its own files and connections.
 */
export const askNameServers: ResolveName = async (name) => {
  const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = [
    ...(ipv4.status === 'fulfilled' ? ipv4.value.map((address) => ({ address, family: 4 })) : []),
    ...(ipv6.status === 'fulfilled' ? ipv6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (addresses.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
  return addresses;
};

/**
 * The addresses of a name that may be called, at least one. Whoever calls must dial one of them and not resolve the name
 * again. Throws ForbiddenTarget when there is none, and what the resolver throws.
 */
export async function resolveTarget(
  hostname: string,
  allowed: AllowedTargets,
  resolve: ResolveName = askNameServers,
): Promise<LookupAddress[]> {
  const host = plain(hostname);
  // An allowed name may be one that only this machine knows.
  if (allowed.names.has(host)) return lookup(host, { all: true });
  const callable = (await resolve(host)).filter(({ address }) => isAllowedAddress(address, allowed));
  if (callable.length === 0) throw new ForbiddenTarget(host);
  return callable;
}

/** Without the brackets in which a URL writes an IPv6 address, and the dot that ends a name of the root. */
const plain = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined;
}
