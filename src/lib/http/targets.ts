/** The hosts to which users may make this process connect. */
import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** The host is forbidden as a target because it leads to this machine or its private network. */
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

/** Addresses that are not public hosts, by the registries of special addresses. */
const special = new BlockList();
for (const [network, length] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Includes the metadata services of most clouds.
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
  // A public address by its number, but within Azure the physical host of the machine answers there.
  ['168.63.129.16', 32],
] as const)
  special.addSubnet(network, length, 'ipv4');
for (const [network, length] of [
  // Special ranges within the global ones: protocol assignments with Teredo and ORCHID, documentation, 6to4.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, length, 'ipv6');
/** All other addresses are loopback, link-local, unique local, multicast, translated IPv4 and the like. */
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

/** Whether the name of a host already shows that it may not be called. */
export function isForbiddenHost(hostname: string, allowed: AllowedTargets): boolean {
  const host = plain(hostname);
  if (allowed.names.has(host)) return false;
  return isIP(host) === 0 ? /(^|\.)localhost$/.test(host) : !isAllowedAddress(host, allowed);
}

/** Finds all addresses of a name. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>;

const resolver = new Resolver({ timeout: 2000, tries: 2 });

/**
 * Asks the name servers directly. The system resolver would use one of the few threads that this process also needs for
 * files and connections, and a name whose servers do not answer would block it.
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
 * The addresses of a name that may be called, at least one. The caller must connect to one of them and not resolve the
 * name again.
 * @throws ForbiddenTarget when there is none; errors of the resolver
 */
export async function resolveTarget(
  hostname: string,
  allowed: AllowedTargets,
  resolve: ResolveName = askNameServers,
): Promise<LookupAddress[]> {
  const host = plain(hostname);
  // An allowed name may be one that only this machine can resolve.
  if (allowed.names.has(host)) return lookup(host, { all: true });
  const callable = (await resolve(host)).filter(({ address }) => isAllowedAddress(address, allowed));
  if (callable.length === 0) throw new ForbiddenTarget(host);
  return callable;
}

/** The name without the brackets of an IPv6 address in a URL, and without the final dot of a fully qualified name. */
const plain = (hostname: string): string =>
  hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined;
}
