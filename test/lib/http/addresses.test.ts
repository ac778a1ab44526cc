import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { clientAddress, networkOf, readAddressSet } from '../../../src/lib/http/addresses.js';

const proxies = readAddressSet('127.0.0.1, 10.1.0.0/16, fd00::/8');
const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as never;

describe('who sent a request', () => {
  test.each([
    ['the one that is connected', '198.51.100.1', undefined, '198.51.100.1'],
    ['also when it names another', '198.51.100.1', '203.0.113.7', '198.51.100.1'],
    ['whom a proxy names', '127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['whom the first of several proxies names', '127.0.0.1', '203.0.113.7, 10.1.2.3', '203.0.113.7'],
    ['not whom the client names', '127.0.0.1', '192.0.2.1, 203.0.113.7', '203.0.113.7'],
    ['the proxy when it names nobody', '127.0.0.1', undefined, '127.0.0.1'],
    ['the proxy when it names no address', '127.0.0.1', 'somebody', '127.0.0.1'],
    ['an IPv4 address over IPv6', '::ffff:127.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
    ['an IPv6 address with a port', 'fd00::1', '[2001:db8::1]:4711', '2001:db8::1'],
  ])('is %s', (_what, remote, forwarded, address) => {
    expect(clientAddress(request(remote, forwarded), proxies)).toBe(address);
  });
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each(['proxy.test', '10.0.0.0/33', '10.0.0.0/', '::/129'])('%s is neither address nor network', (part) => {
  expect(() => readAddressSet(`127.0.0.1,${part}`)).toThrow(part);
});
