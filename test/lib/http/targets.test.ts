import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import {
  ForbiddenTarget,
  isAllowedAddress,
  isForbiddenHost,
  readAllowedTargets,
  resolveTarget,
} from '../../../src/lib/http/targets.js';

const nothing = readAllowedTargets('');

describe('an address is refused when it is', () => {
  test.each([
    ['this host', '0.0.0.0'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared by a carrier', '100.64.0.1'],
    ['shared by a carrier', '100.127.255.255'],
    ['link-local, with the metadata of clouds', '169.254.169.254'],
    ['the host of an Azure machine', '168.63.129.16'],
    ['for protocols', '192.0.0.192'],
    ['for documentation', '192.0.2.1'],
    ['for documentation', '198.51.100.1'],
    ['for documentation', '203.0.113.1'],
    ['a relay', '192.88.99.1'],
    ['for benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4 in IPv6', '::ffff:127.0.0.1'],
    ['IPv4 in IPv6', '::ffff:a00:1'],
    ['IPv4 in IPv6, even a public one', '::ffff:8.8.8.8'],
    ['IPv4 in IPv6, the old way', '::127.0.0.1'],
    ['translated', '64:ff9b::7f00:1'],
    ['translated', '64:ff9b:1::1'],
    ['discarded', '100::1'],
    ['unique local, with the metadata of clouds', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['tunnelled', '2002:7f00:1::1'],
    ['tunnelled', '2001:0:7f00:1::'],
    ['for documentation', '2001:db8::1'],
    ['for documentation', '3fff::1'],
    ['none', 'localhost'],
  ])('%s: %s', (_what, address) => {
    expect(isAllowedAddress(address, nothing)).toBe(false);
  });

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
  ])('but not when it is public: %s', (address) => {
    expect(isAllowedAddress(address, nothing)).toBe(true);
  });
});

describe('the list of what is allowed', () => {
  test('names hosts, addresses and networks', () => {
    const allowed = readAllowedTargets(' Hooks.Internal, 10.1.0.0/16 ,192.168.0.7,[fd00::1], fd12::/32,');
    expect([...allowed.names]).toEqual(['hooks.internal']);
    const verdicts = ['10.1.2.3', '10.2.0.1', '192.168.0.7', '192.168.0.8', 'fd00::1', 'fd00::2', 'fd12::9'].map(
      (address) => isAllowedAddress(address, allowed),
    );
    expect(verdicts).toEqual([true, false, true, false, true, false, true]);
    expect(isForbiddenHost('HOOKS.internal.', allowed)).toBe(false);
  });

  test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/', 'http://localhost', 'localhost:80', 'a/b', '-x'])(
    'is refused with %s',
    (part) => {
      expect(() => readAllowedTargets(`1.1.1.1,${part}`)).toThrow(part);
    },
  );
});

describe('a host of a URL', () => {
  const hostOf = (url: string): string => new URL(url).hostname;

  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f.0.0.1/',
    'http://017700000001/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://some.localhost/',
  ])('is known to be forbidden by its name alone: %s', (url) => {
    expect(isForbiddenHost(hostOf(url), nothing)).toBe(true);
  });

  test.each(['http://hooks.example/', 'http://1.1.1.1/', 'http://[2606:4700::1111]/', 'http://notlocalhost/'])(
    'is not: %s',
    (url) => {
      expect(isForbiddenHost(hostOf(url), nothing)).toBe(false);
    },
  );
});

describe('a name', () => {
  const resolving =
    (...addresses: string[]) =>
    async (): Promise<LookupAddress[]> =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  test('that leads to forbidden addresses alone is refused', async () => {
    const target = resolveTarget('evil.example', nothing, resolving('127.0.0.1', '::1'));
    await expect(target).rejects.toThrow(ForbiddenTarget);
  });

  test('that leads to public ones too is called there', async () => {
    const found = await resolveTarget('both.example', nothing, resolving('10.0.0.1', '1.1.1.1'));
    expect(found).toEqual([{ address: '1.1.1.1', family: 4 }]);
  });

  test('that is allowed is called wherever it leads on this machine', async () => {
    const found = await resolveTarget('localhost', readAllowedTargets('localhost'), resolving());
    expect(found.map(({ address }) => address)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
    );
  });
});
