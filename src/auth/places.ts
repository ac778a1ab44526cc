import { BlockList, isIP } from 'node:net';
import { AppError } from '../errors.js';
import type { Sender } from '../lib/http/sender.js';
import type { Places } from './caller.js';

/** @throws FORBIDDEN for a sender at a place where the key may not be used. */
export function requirePlace({ allowedOrigins, allowedNetworks }: Places, { origin, address }: Sender): void {
  if (allowedOrigins.length > 0 && (origin === undefined || !allowedOrigins.includes(origin))) {
    throw new AppError('FORBIDDEN', 'This API key may be used by pages of its allowed origins alone.');
  }
  if (allowedNetworks.length > 0 && (address === undefined || !isWithin(allowedNetworks, address))) {
    throw new AppError('FORBIDDEN', 'This API key may be used from its allowed networks alone.');
  }
}

function isWithin(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', length] = network.split('/');
    const family = familyOf(base);
    if (family) list.addSubnet(base, Number(length), family);
  }
  const family = familyOf(address);
  return family !== undefined && list.check(address, family);
}

const familyOf = (address: string): 'ipv4' | 'ipv6' | undefined =>
  (({ 0: undefined, 4: 'ipv4', 6: 'ipv6' }) as const)[isIP(address) as 0 | 4 | 6];

/** An address, or a network with its prefix length such as "10.0.0.0/8"; undefined for an invalid text. */
export function networkOf(text: string): string | undefined {
  const [base = '', length, ...rest] = text.trim().toLowerCase().split('/');
  const family = familyOf(base);
  if (!family || rest.length > 0) return undefined;
  const bits = family === 'ipv4' ? 32 : 128;
  if (length === undefined) return `${base}/${bits}`;
  return /^\d{1,3}$/.test(length) && Number(length) <= bits ? `${base}/${Number(length)}` : undefined;
}

/** An origin as browsers send it, such as "https://desk.example:8443"; undefined for an invalid text. */
export function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin, pathname, search, hash, protocol, username } = new URL(text);
  const isOrigin = /^https?:$/.test(protocol) && pathname === '/' && search + hash + username === '';
  return isOrigin ? origin : undefined;
}
