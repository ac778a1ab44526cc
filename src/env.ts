/**
 * The only reader of process.env. Every variable has a default. An invalid value stops the start with a one-line
 * message.
 */
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
  /** The mode of the pooler in front of the database. When absent, it is detected. */
  databasePooling?: 'session' | 'transaction';
  /** The maximum number of connections of a process for requests. */
  databaseConnections: number;
  /** The absolute path of the gateway's data directory on this machine. */
  dataDir: string;
  redisUrl?: string;
  smtpUrl?: string;
  /** The sender address of workspaces without an e-mail channel. */
  mailFrom: string;
  /** Whether Reply-To is a signed address that names the conversation. */
  threadAddresses: boolean;
  /** The mail servers whose authentication results are trusted, in lower case. */
  authservIds: ReadonlySet<string>;
  /** The URL at which clients reach the gateway, without a slash at the end. */
  publicUrl: string;
  /** The path prefix of all routes, such as "/support"; empty for none. */
  basePath: string;
  logLevel: LogLevel;
  /** Whether each request is logged. */
  accessLog: boolean;
  /** Where traces are sent. When absent, tracing is off. */
  tracing?: TracingSettings;
  /** The allowed webhook targets in addition to public addresses. */
  webhookTargets: AllowedTargets;
  /** The bearer token for /metrics. When absent, only this machine may read it. */
  metricsToken?: string;
  /** The identity provider for agents' sign-in. When absent, there is none. */
  oidc?: SignInSettings;
  /** The public key, in PEM, that verifies reports of leaked keys. When absent, reports need no signature. */
  leakedKeysPublicKey?: string;
  /** Number of gateway processes. */
  webConcurrency: number;
  limits: Limits;
  /** Proxies whose X-Forwarded-For names the client. */
  trustedProxies: AddressSet;
  /** How long a request may take to arrive, in seconds. */
  requestSeconds: number;
  /** How long an idle connection is kept open, in seconds. */
  keepAliveSeconds: number;
  /** How long the gateway still serves after SIGTERM while /ready reports that it is shutting down, in seconds. */
  drainSeconds: number;
  /** Who may read the schema: `on` for any key, `off` for nobody, `public` for everybody. */
  introspection: 'on' | 'off' | 'public';
  /** Whether clients may send the hash of a query instead of its text. */
  persistedQueries: boolean;
  /** The maximum number of operations in a batch; 0 disables batches. */
  batchedQueries: number;
  /** Whether the graph can be a subgraph of a federated one. */
  federation: boolean;
  /** Whether browsers get GraphiQL. */
  graphiql: boolean;
}

/** Reads and checks the environment. @throws EnvironmentError for the first invalid value. */
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

/** The .env file of the installation; {} when there is none. Real environment variables take precedence. */
function dotEnv(): Variables {
  try {
    return parseEnv(readFileSync(join(home, '.env'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new EnvironmentError('.env', 'cannot be read', 'a readable file or none');
  }
}

/** The line feeds may be written as \\n, because few tools pass real ones on. */
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
