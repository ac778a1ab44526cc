/** The only reader of process.env. Each variable has a default; a bad value stops the start with one line. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type AddressSet, readAddressSet } from './lib/http/addresses.js';
import { defaultLimits, type Limits } from './lib/http/limits.js';
import { type AllowedTargets, readAllowedTargets } from './lib/http/targets.js';
import { readAuthservIds } from './lib/mail/authentication-results.js';
import { type LogLevel, logLevels } from './lib/process/log.js';
import { home } from './lib/process/root.js';
import { defaultMailFrom, defaultPublicUrl, readAddress } from './lib/settings/addresses.js';
import { type DatabaseSettings, readDatabaseSettings } from './lib/settings/database.js';
import { EnvironmentError, quote, readerOf, type Variables } from './lib/settings/reader.js';
import { readSignInSettings, type SignInSettings } from './lib/settings/sign-in.js';
import { readStorageSettings, type StorageSettings } from './lib/settings/storage.js';
import { readTracingSettings, type TracingSettings } from './lib/settings/tracing.js';
import { isEmail } from './lib/text/email.js';

export interface Environment extends DatabaseSettings, StorageSettings {
  /** 0 lets the system choose. */
  port: number;
  host: string;
  /** Whether a pooler keeps sessions together; absent: it is found out. */
  databasePooling?: 'session' | 'transaction';
  /** How many connections a process opens for requests at most. */
  databaseConnections: number;
  /** Absolute path of what the gateway keeps on this machine. */
  dataDir: string;
  redisUrl?: string;
  smtpUrl?: string;
  /** The address that workspaces without an e-mail channel write from. */
  mailFrom: string;
  /** Whether mails ask for answers at signed addresses that name their conversations. */
  threadAddresses: boolean;
  /** The mail servers that are believed what they found out about senders, in lower case. */
  authservIds: ReadonlySet<string>;
  /** Where clients reach the gateway, without a slash at the end. */
  publicUrl: string;
  /** The path below which everything is served, such as "/support"; empty for none. */
  basePath: string;
  logLevel: LogLevel;
  /** Whether each request gets a line in the log. */
  accessLog: boolean;
  /** Where traces go; absent: there are none. */
  tracing?: TracingSettings;
  /** Where webhooks may be sent beside public addresses. */
  webhookTargets: AllowedTargets;
  /** What /metrics is asked with; absent: only this machine may ask. */
  metricsToken?: string;
  /** Whose bearer tokens agents sign in with; absent: nobody's. */
  oidc?: SignInSettings;
  /** The public key, in PEM, by which reports of leaked keys must be signed; absent: they need no signature. */
  leakedKeysPublicKey?: string;
  /** Number of gateway processes. */
  webConcurrency: number;
  limits: Limits;
  /** Proxies whose X-Forwarded-For names the client. */
  trustedProxies: AddressSet;
  /** How long a request may take to arrive, in seconds. */
  requestSeconds: number;
  /** How long a connection is kept on which nothing is asked, in seconds. */
  keepAliveSeconds: number;
  /** How long the gateway still serves after SIGTERM while /ready says that it goes, in seconds. */
  drainSeconds: number;
  /** Who is told the schema: whoever has a key, nobody, or everybody. */
  introspection: 'on' | 'off' | 'public';
  /** Whether clients may send the hash of a query instead of its text. */
  persistedQueries: boolean;
  /** How many operations one request may bring as a list; 0: no lists. */
  batchedQueries: number;
  /** Whether the graph can be part of a federated one. */
  federation: boolean;
  /** Whether a browser gets GraphiQL. */
  graphiql: boolean;
}

/** Reads and checks the environment. Throws EnvironmentError for the first bad value. */
export function readEnvironment(source: Variables = { ...dotEnv(), ...process.env }): Environment {
  const reader = readerOf(source);
  const { value, integer, oneOf, isOn, list, url } = reader;
  const limit = (name: string, fallback: number): number => integer(name, fallback, 1, 999_999_999);

  const port = integer('PORT', 4000, 0, 65_535);
  const host = value('HOST') ?? '127.0.0.1';
  const own = defaultPublicUrl(host, port);
  if (!/^[\w.:%-]+$/.test(host) || !URL.canParse(own)) {
    throw new EnvironmentError('HOST', `is ${quote(host)}`, 'a host name or an IP address');
  }

  const databasePooling = oneOf('DATABASE_POOLING', ['auto', 'session', 'transaction'], 'auto');
  const redisUrl = url('REDIS_URL', 'redis');
  const smtpUrl = url('SMTP_URL', 'smtp');
  const { publicUrl, basePath } = readAddress(reader, own);
  const mailFrom = value('MAIL_FROM') ?? defaultMailFrom(publicUrl);
  if (!isEmail(mailFrom)) throw new EnvironmentError('MAIL_FROM', `is ${quote(mailFrom)}`, 'an e-mail address');

  const metricsToken = value('METRICS_TOKEN');
  if (metricsToken !== undefined && !/^[\x21-\x7e]{16,}$/.test(metricsToken)) {
    throw new EnvironmentError(
      'METRICS_TOKEN',
      'is too short or has other characters',
      '16 or more visible ASCII characters',
    );
  }

  const logLevel = oneOf('LOG_LEVEL', logLevels, 'info');

  return {
    port,
    host,
    ...readDatabaseSettings(reader),
    ...(databasePooling !== 'auto' && { databasePooling }),
    databaseConnections: integer('DATABASE_CONNECTIONS', 10, 1, 1000),
    dataDir: resolve(value('DATA_DIR') ?? join(home, '.data')),
    ...readStorageSettings(reader),
    ...(redisUrl && { redisUrl }),
    ...(smtpUrl && { smtpUrl }),
    mailFrom,
    threadAddresses: isOn('MAIL_THREAD_ADDRESSES', 'off'),
    authservIds: list('MAIL_AUTHSERV_IDS', readAuthservIds, 'names of mail servers, such as mx.desk.example'),
    publicUrl,
    basePath,
    logLevel,
    accessLog: isOn('ACCESS_LOG'),
    ...(metricsToken && { metricsToken }),
    ...readSignInSettings(reader),
    ...readTracingSettings(reader),
    ...publicKey(value('LEAKED_KEYS_PUBLIC_KEY')),
    webhookTargets: list(
      'WEBHOOK_ALLOW',
      readAllowedTargets,
      'names, IP addresses and networks, such as hooks.test,10.1.0.0/16',
    ),
    webConcurrency: integer('WEB_CONCURRENCY', 1, 1, 64),
    limits: {
      maxBodyBytes: limit('MAX_BODY_BYTES', defaultLimits.maxBodyBytes),
      maxMailBytes: limit('MAX_MAIL_BYTES', defaultLimits.maxMailBytes),
      maxUploadBytes: limit('MAX_UPLOAD_BYTES', defaultLimits.maxUploadBytes),
      maxTokens: limit('MAX_TOKENS', defaultLimits.maxTokens),
      maxAliases: limit('MAX_ALIASES', defaultLimits.maxAliases),
      maxDepth: limit('MAX_DEPTH', defaultLimits.maxDepth),
      maxCost: limit('MAX_COST', defaultLimits.maxCost),
      rateCapacity: limit('RATE_CAPACITY', defaultLimits.rateCapacity),
      rateRestore: limit('RATE_RESTORE', defaultLimits.rateRestore),
      maxConnectionsPerAddress: limit('MAX_CONNECTIONS_PER_ADDRESS', defaultLimits.maxConnectionsPerAddress),
      maxSocketsPerAddress: limit('MAX_SOCKETS_PER_ADDRESS', defaultLimits.maxSocketsPerAddress),
      maxSocketsPerKey: limit('MAX_SOCKETS_PER_KEY', defaultLimits.maxSocketsPerKey),
      maxOperationsPerSocket: limit('MAX_OPERATIONS_PER_SOCKET', defaultLimits.maxOperationsPerSocket),
      maxSubscriptionsPerKey: limit('MAX_SUBSCRIPTIONS_PER_KEY', defaultLimits.maxSubscriptionsPerKey),
      maxUnsentBytes: limit('MAX_UNSENT_BYTES', defaultLimits.maxUnsentBytes),
      maxUnsentBytesPerKey: limit('MAX_UNSENT_BYTES_PER_KEY', defaultLimits.maxUnsentBytesPerKey),
    },
    trustedProxies: list('TRUSTED_PROXIES', readAddressSet, 'IP addresses and networks, such as 127.0.0.1,10.1.0.0/16'),
    requestSeconds: integer('REQUEST_SECONDS', 60, 1, 86_400),
    keepAliveSeconds: integer('KEEP_ALIVE_SECONDS', 75, 1, 3_600),
    drainSeconds: integer('DRAIN_SECONDS', 0, 0, 3_600),
    introspection: oneOf('INTROSPECTION', ['on', 'off', 'public'], 'on'),
    persistedQueries: isOn('PERSISTED_QUERIES'),
    batchedQueries: integer('BATCHED_QUERIES', 0, 0, 100),
    federation: isOn('FEDERATION', 'off'),
    graphiql: isOn('GRAPHIQL'),
  };
}

/** The .env file of the installation, {} without one. The real environment wins over it. */
function dotEnv(): Variables {
  try {
    return parseEnv(readFileSync(join(home, '.env'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new EnvironmentError('.env', 'cannot be read', 'a readable file or none');
  }
}

/** With line feeds written as \\n, since few tools pass others on. */
function publicKey(value: string | undefined): Pick<Environment, 'leakedKeysPublicKey'> {
  if (value === undefined) return {};
  const pem = value.replaceAll('\\n', '\n');
  try {
    createPublicKey(pem);
  } catch {
    throw new EnvironmentError(
      'LEAKED_KEYS_PUBLIC_KEY',
      'is no public key',
      'a public key in PEM, its line feeds written as \\n',
    );
  }
  return { leakedKeysPublicKey: pem };
}
