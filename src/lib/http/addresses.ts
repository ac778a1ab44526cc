/** The address of the client of a request, in a form by which limits can be counted. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Addresses and networks. */
export type AddressSet = BlockList;

/** Reads addresses and networks ("127.0.0.1, 10.1.0.0/16, fd00::/8"). Throws for a part that is none of them. */
export function readAddressSet(list: string): AddressSet {
  const networks = new BlockList();
  for (const part of list.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [address = '', length, ...rest] = part.replace(/^\[(.*)\]$/, '$1').split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
    if (family === 0 || rest.length > 0 || !isLength) throw new Error(part);
    networks.addSubnet(address, length === undefined ? bits : Number(length), family === 4 ? 'ipv4' : 'ipv6');
  }
  return networks;
}

export function isAmong(addresses: AddressSet, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && addresses.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** An IPv4 address without the IPv6 prefix that it has on a dual-stack socket, so that both forms are equal. */
export const plainAddress = (address = ''): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/**
 * The address of the client of a request. If the sender is a trusted proxy, it is the address that the proxy names in
 * X-Forwarded-For. The header is read from the right, because the client itself may have sent the parts further left.
 */
export function clientAddress({ socket, headers }: IncomingMessage, trusted: AddressSet): string {
  let address = plainAddress(socket.remoteAddress);
  const forwarded = headers['x-forwarded-for'];
  const hops = (Array.isArray(forwarded) ? forwarded.join() : (forwarded ?? '')).split(',');
  while (isAmong(trusted, address)) {
    const hop = plainAddress(
      hops
        .pop()
        ?.trim()
        .replace(/^\[(.*)\](:\d+)?$/, '$1'),
    );
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return address;
}

/** The unit by which limits are counted. A client with an IPv6 address usually controls the whole /64 network. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const all =
    tail === undefined ? groups : [...groups, ...Array<string>(8 - groups.length - rest.length).fill('0'), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
