import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../src/env.js';
import { readAddressSet } from '../src/lib/http/addresses.js';
import { defaultLimits } from '../src/lib/http/limits.js';
import { readAllowedTargets } from '../src/lib/http/targets.js';
import { packageRoot } from '../src/lib/process/root.js';
import type { Variables } from '../src/lib/settings/reader.js';

const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()
  .trim();

test('everything has a default', () => {
  expect(readEnvironment({})).toEqual({
    port: 4000,
    host: '127.0.0.1',
    databaseConnections: 10,
    dataDir: join(packageRoot, '.data'),
    mailFrom: 'support@deskgraph.localhost',
    threadAddresses: false,
    authservIds: new Set(),
    publicUrl: 'http://127.0.0.1:4000',
    basePath: '',
    logLevel: 'info',
    accessLog: true,
    webhookTargets: readAllowedTargets(''),
    webConcurrency: 1,
    limits: defaultLimits,
    trustedProxies: readAddressSet(''),
    requestSeconds: 60,
    keepAliveSeconds: 75,
    drainSeconds: 0,
    introspection: 'on',
    persistedQueries: true,
    batchedQueries: 0,
    federation: false,
    graphiql: true,
  });
});

test('an empty value counts as none', () => {
  expect(readEnvironment({ PORT: '', REDIS_URL: ' ' })).toEqual(readEnvironment({}));
});

test('values are taken over, directories made absolute and the slash after the public URL dropped', () => {
  const env = readEnvironment({
    PORT: '0',
    HOST: '::1',
    DATABASE_URL: 'postgres://app:secret@db.example:5433/desk?sslmode=require',
    DIRECT_DATABASE_URL: 'postgres://owner@/desk',
    DATABASE_REPLICA_URL: 'postgres://one,two/desk, postgresql://three/desk',
    DATABASE_POOLING: 'transaction',
    DATABASE_CONNECTIONS: '25',
    DATA_DIR: 'some where',
    REDIS_URL: 'rediss://cache.example',
    BUCKET_URL: 'https://s3.example/desk',
    BUCKET_REGION: 'eu-central-1',
    BUCKET_ACCESS_KEY_ID: 'key',
    BUCKET_SECRET_ACCESS_KEY: 'secret',
    SMTP_URL: 'smtp://user:secret@mail.example:587',
    MAIL_FROM: 'hello@mail.example',
    MAIL_THREAD_ADDRESSES: 'on',
    MAIL_AUTHSERV_IDS: 'MX.desk.example, mx2.desk.example',
    PUBLIC_URL: 'https://desk.example/graph/',
    BASE_PATH: '/graph/',
    LOG_LEVEL: 'debug',
    ACCESS_LOG: 'off',
    METRICS_TOKEN: 'sixteen-letters!',
    OIDC_ISSUER: 'https://login.example',
    OIDC_AUDIENCE: 'desk',
    OIDC_WORKSPACE_CLAIM: 'desk_workspace',
    OIDC_AGENT_CLAIM: 'sub',
    OIDC_SCOPES: 'customers:read conversations:read',
    LEAKED_KEYS_PUBLIC_KEY: publicKey.replaceAll('\n', '\\n'),
    WEBHOOK_ALLOW: 'hooks.test, 10.1.0.0/16',
    WEB_CONCURRENCY: '4',
    MAX_BODY_BYTES: '1000',
    MAX_MAIL_BYTES: '1007',
    MAX_UPLOAD_BYTES: '1017',
    MAX_TOKENS: '1001',
    MAX_ALIASES: '1002',
    MAX_DEPTH: '1003',
    MAX_COST: '1004',
    RATE_CAPACITY: '1005',
    RATE_RESTORE: '1006',
    MAX_CONNECTIONS_PER_ADDRESS: '1008',
    MAX_SOCKETS_PER_ADDRESS: '1009',
    MAX_SOCKETS_PER_KEY: '1010',
    MAX_OPERATIONS_PER_SOCKET: '1011',
    MAX_SUBSCRIPTIONS_PER_KEY: '1012',
    MAX_UNSENT_BYTES: '1013',
    MAX_UNSENT_BYTES_PER_KEY: '1014',
    TRUSTED_PROXIES: '127.0.0.1, fd00::/8',
    REQUEST_SECONDS: '30',
    KEEP_ALIVE_SECONDS: '620',
    DRAIN_SECONDS: '15',
    INTROSPECTION: 'off',
    PERSISTED_QUERIES: 'off',
    BATCHED_QUERIES: '10',
    FEDERATION: 'on',
    GRAPHIQL: 'off',
  });
  expect(env).toEqual({
    port: 0,
    host: '::1',
    databaseUrl: 'postgres://app:secret@db.example:5433/desk?sslmode=require',
    directDatabaseUrl: 'postgres://owner@/desk',
    databaseReplicaUrl: 'postgres://one,two/desk, postgresql://three/desk',
    databasePooling: 'transaction',
    databaseConnections: 25,
    dataDir: join(process.cwd(), 'some where'),
    s3: {
      endpoint: 'https://s3.example/desk',
      region: 'eu-central-1',
      accessKeyId: 'key',
      secretAccessKey: 'secret',
    },
    redisUrl: 'rediss://cache.example',
    smtpUrl: 'smtp://user:secret@mail.example:587',
    mailFrom: 'hello@mail.example',
    threadAddresses: true,
    authservIds: new Set(['mx.desk.example', 'mx2.desk.example']),
    publicUrl: 'https://desk.example/graph',
    basePath: '/graph',
    logLevel: 'debug',
    accessLog: false,
    metricsToken: 'sixteen-letters!',
    oidc: {
      issuer: 'https://login.example',
      audience: 'desk',
      workspaceClaim: 'desk_workspace',
      agentClaim: 'sub',
      scopes: ['customers:read', 'conversations:read'],
    },
    leakedKeysPublicKey: publicKey,
    webhookTargets: readAllowedTargets('hooks.test,10.1.0.0/16'),
    webConcurrency: 4,
    limits: {
      maxBodyBytes: 1_000,
      maxMailBytes: 1_007,
      maxUploadBytes: 1_017,
      maxTokens: 1_001,
      maxAliases: 1_002,
      maxDepth: 1_003,
      maxCost: 1_004,
      rateCapacity: 1_005,
      rateRestore: 1_006,
      maxConnectionsPerAddress: 1_008,
      maxSocketsPerAddress: 1_009,
      maxSocketsPerKey: 1_010,
      maxOperationsPerSocket: 1_011,
      maxSubscriptionsPerKey: 1_012,
      maxUnsentBytes: 1_013,
      maxUnsentBytesPerKey: 1_014,
    },
    trustedProxies: readAddressSet('127.0.0.1,fd00::/8'),
    requestSeconds: 30,
    keepAliveSeconds: 620,
    drainSeconds: 15,
    introspection: 'off',
    persistedQueries: false,
    batchedQueries: 10,
    federation: true,
    graphiql: false,
  });
});

test.each([
  'postgres:///desk',
  'postgres://app@/desk?host=/run/postgresql',
  'postgresql://app:secret@[::1]:5433/desk',
  'postgres://app@one.example,two.example:5433,[::1]/desk?target_session_attrs=read-write',
])('%s is taken as the URL of a database', (url) => {
  expect(readEnvironment({ DATABASE_URL: url }).databaseUrl).toBe(url);
});

test.each([
  ['0.0.0.0', 'http://localhost:4000'],
  ['::', 'http://localhost:4000'],
  ['::1', 'http://[::1]:4000'],
  ['desk.example', 'http://desk.example:4000'],
])('listening on %s, clients are told %s', (HOST, publicUrl) => {
  expect(readEnvironment({ HOST }).publicUrl).toBe(publicUrl);
});

test.each(['postgresql://localhost/desk', 'postgres:///desk', 'postgres://app@/desk?host=/run/postgresql'])(
  '%s is a database URL',
  (DATABASE_URL) => {
    expect(readEnvironment({ DATABASE_URL }).databaseUrl).toBe(DATABASE_URL);
  },
);

test.each([
  ['https://desk.example:8443/graph', 'support@desk.example'],
  ['http://localhost:4000', 'support@deskgraph.localhost'],
  ['http://[::1]:4000', 'support@deskgraph.localhost'],
  ['http://10.0.0.1', 'support@deskgraph.localhost'],
])('at %s workspaces without a mailbox write from %s', (PUBLIC_URL, mailFrom) => {
  expect(readEnvironment({ PUBLIC_URL }).mailFrom).toBe(mailFrom);
});

test('the zone of an address is not part of the public URL', () => {
  expect(readEnvironment({ HOST: 'fe80::1%eth0' })).toMatchObject({
    host: 'fe80::1%eth0',
    publicUrl: 'http://[fe80::1]:4000',
  });
});

describe('a bad value is refused in one line', () => {
  const refused: [Variables, string][] = [
    [
      { MAIL_AUTHSERV_IDS: 'mx.test,mx;spf=pass' },
      'MAIL_AUTHSERV_IDS holds "mx;spf=pass"; wanted: names of mail servers, such as mx.desk.example.',
    ],
    [{ MAIL_FROM: 'Support <a@b.test>' }, 'MAIL_FROM is "Support <a@b.test>"; wanted: an e-mail address.'],
    [{ PORT: 'http' }, 'PORT is "http"; wanted: a whole number from 0 to 65535.'],
    [{ PORT: '65536' }, 'PORT is "65536"; wanted: a whole number from 0 to 65535.'],
    [{ PORT: '-1' }, 'PORT is "-1"; wanted: a whole number from 0 to 65535.'],
    [{ PORT: '4000.5' }, 'PORT is "4000.5"; wanted: a whole number from 0 to 65535.'],
    [{ HOST: 'http://here' }, 'HOST is "http://here"; wanted: a host name or an IP address.'],
    [{ HOST: 'two\nlines' }, 'HOST is "two\\nlines"; wanted: a host name or an IP address.'],
    ...['999.1.1.1', '99999999999999999999', 'a:b', '%eth0'].map((host): [Variables, string] => [
      { HOST: host },
      `HOST is "${host}"; wanted: a host name or an IP address.`,
    ]),
    ...['PUBLIC_URL', 'OIDC_ISSUER', 'OTEL_EXPORTER_OTLP_ENDPOINT'].map((name): [Variables, string] => [
      { [name]: 'http://' },
      `${name} is not a URL; wanted: a URL that starts with http:// or https://.`,
    ]),
    [{ SMTP_URL: 'smtp://user:secret@' }, 'SMTP_URL is not a URL; wanted: a URL that starts with smtp://'],
    [{ REDIS_URL: 'rediss:///0' }, 'REDIS_URL is not a URL; wanted: a URL that starts with redis://'],
    [{ WEB_CONCURRENCY: '0' }, 'WEB_CONCURRENCY is "0"; wanted: a whole number from 1 to 64.'],
    [{ MAX_COST: '0' }, 'MAX_COST is "0"; wanted: a whole number from 1 to 999999999.'],
    [{ RATE_RESTORE: 'fast' }, 'RATE_RESTORE is "fast"; wanted: a whole number from 1 to 999999999.'],
    [
      { TRUSTED_PROXIES: '10.0.0.1, proxy.test' },
      'TRUSTED_PROXIES holds "proxy.test"; wanted: IP addresses and networks, such as 127.0.0.1,10.1.0.0/16.',
    ],
    [{ INTROSPECTION: 'no' }, 'INTROSPECTION is "no"; wanted: one of on, off, public.'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud"; wanted: one of fatal, error, warn, info, debug, trace, silent.'],
    [
      { DATABASE_URL: 'mysql://app:secret@db/desk' },
      'DATABASE_URL does not start with postgres://; wanted: a URL that starts with postgres:// or postgresql://.',
    ],
    [
      { DATABASE_URL: 'postgres://app:sec ret@db/desk' },
      'DATABASE_URL is not a URL; wanted: a URL that starts with postgres:// or postgresql://.',
    ],
    [
      { DATABASE_URL: 'postgres://db/desk', DATABASE_REPLICA_URL: 'postgres://one/desk,mysql://two/desk' },
      'DATABASE_REPLICA_URL does not start with postgres://; wanted: a URL that starts with postgres:// or postgresql://.',
    ],
    [
      { DATABASE_REPLICA_URL: 'postgres://one/desk' },
      'DATABASE_REPLICA_URL is set without DATABASE_URL; wanted: the replicas of the server that DATABASE_URL names.',
    ],
    [
      {
        DATABASE_URL: 'postgres://db/desk',
        DATABASE_REPLICA_URL: 'postgres://one/desk',
        WEB_CONCURRENCY: '2',
      },
      'DATABASE_REPLICA_URL is set for several processes; wanted: REDIS_URL beside it, or WEB_CONCURRENCY=1.',
    ],
    [
      { BASE_PATH: 'support' },
      'BASE_PATH is "support"; wanted: a path such as /support, of letters, digits, ".", "_", "~" or "-".',
    ],
    [
      { BASE_PATH: '/a/../b' },
      'BASE_PATH is "/a/../b"; wanted: a path such as /support, of letters, digits, ".", "_", "~" or "-".',
    ],
    [
      { BASE_PATH: '/support', PUBLIC_URL: 'https://desk.example' },
      'PUBLIC_URL has another path than BASE_PATH; wanted: one that ends with /support.',
    ],
    [{ DATABASE_POOLING: 'statement' }, 'DATABASE_POOLING is "statement"; wanted: one of auto, session, transaction.'],
    [
      { BUCKET_URL: 'https://s3.example/desk' },
      'BUCKET_ACCESS_KEY_ID is missing beside BUCKET_URL; wanted: the credentials of the bucket.',
    ],
    [{ DATABASE_CONNECTIONS: '0' }, 'DATABASE_CONNECTIONS is "0"; wanted: a whole number from 1 to 1000.'],
    [
      { PUBLIC_URL: 'https://user:secret@desk.example' },
      'PUBLIC_URL holds a user or password; wanted: one without, since it is told to everybody.',
    ],
    [{ PUBLIC_URL: 'https://desk.example/?' }, 'PUBLIC_URL goes on behind its path; wanted: one without "?" and "#".'],
    [{ OTEL_SDK_DISABLED: 'yes' }, 'OTEL_SDK_DISABLED is neither; wanted: true or false.'],
    [
      { PUBLIC_URL: 'desk.example' },
      'PUBLIC_URL does not start with http://; wanted: a URL that starts with http:// or https://.',
    ],
  ];

  test.each(refused)('%o', (variables, message) => {
    expect(() => readEnvironment(variables)).toThrow(message);
  });
});
