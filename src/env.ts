/** The only reader of process.env. Each variable has a default; a bad value stops the start with one line. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type DatabaseSettings, readDatabaseSettings } from './lib/database/settings.js';
import { type AddressSet, readAddressSet } from './lib/http/addresses.js';
import { defaultLimits, type Limits } from './lib/http/limits.js';
import { type AllowedTargets, readAllowedTargets } from './lib/http/targets.js';
import { readAuthservIds } from './lib/mail/authentication-results.js';
import { readTracingSettings, type TracingSettings } from './lib/observe/tracing-settings.js';
import { type LogLevel, logLevels } from './lib/process/log.js';
import { home } from './lib/process/root.js';
import { StartError } from './lib/process/start-error.js';
import { readStorageSettings, type StorageSettings } from './lib/storage/settings.js';
import { defaultMailFrom, defaultPublicUrl, readAddress } from './lib/text/default-addresses.js';
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

/** The identity provider (OpenID Connect) that is trusted to say who an agent is. */
export interface SignInSettings {
  issuer: string;
  /** What its tokens must be made for. */
  audience: string;
  /** The claims that name the workspace and the agent. */
  workspaceClaim: string;
  agentClaim: string;
  /** What agents who sign in may do. */
  scopes: string[];
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** The message is one line that names the variable, what is wrong with its value and what is wanted. */
export class EnvironmentError extends StartError {
  override readonly name = 'EnvironmentError';

  constructor(variable: string, fault: string, wanted: string) {
    super(`${variable} ${fault}; wanted: ${wanted}.`);
  }
}

/** Reads and checks the environment. Throws EnvironmentError for the first bad value. */
export function readEnvironment(source: Variables = { ...dotEnv(), ...process.env }): Environment {
  // An empty value counts as none: that is how .env files and container tools spell it.
  const value = (name: string): string | undefined => source[name]?.trim() || undefined;

  const httpUrl = (name: string): string | undefined => url(name, value(name), ['http:', 'https:']);
  const list = <T>(name: string, read: (text: string) => T, wanted: string): T =>
    listed(name, value(name), read, wanted);
  const limit = (name: string, fallback: number): number => integer(name, value(name), fallback, 1, 999_999_999);

  const port = integer('PORT', value('PORT'), 4000, 0, 65_535);
  const host = value('HOST') ?? '127.0.0.1';
  const own = defaultPublicUrl(host, port);
  if (!/^[\w.:%-]+$/.test(host) || !URL.canParse(own)) {
    throw new EnvironmentError('HOST', `is ${quote(host)}`, 'a host name or an IP address');
  }

  const postgresUrl = (name: string, text: string | undefined) => url(name, text, ['postgres:', 'postgresql:']);
  const databasePooling = oneOf('DATABASE_POOLING', value('DATABASE_POOLING') ?? 'auto', [
    'auto',
    'session',
    'transaction',
  ]);
  const redisUrl = url('REDIS_URL', value('REDIS_URL'), ['redis:', 'rediss:']);
  const smtpUrl = url('SMTP_URL', value('SMTP_URL'), ['smtp:', 'smtps:']);
  const { publicUrl, basePath } = readAddress({ value, url: httpUrl, Fault: EnvironmentError }, own);
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

  const logLevel = oneOf('LOG_LEVEL', value('LOG_LEVEL') ?? 'info', logLevels);

  return {
    port,
    host,
    ...readDatabaseSettings({ value, url: postgresUrl, Fault: EnvironmentError }),
    ...(databasePooling !== 'auto' && { databasePooling }),
    databaseConnections: integer('DATABASE_CONNECTIONS', value('DATABASE_CONNECTIONS'), 10, 1, 1000),
    dataDir: resolve(value('DATA_DIR') ?? join(home, '.data')),
    ...readStorageSettings({ value, url: httpUrl, Fault: EnvironmentError }),
    ...(redisUrl && { redisUrl }),
    ...(smtpUrl && { smtpUrl }),
    mailFrom,
    threadAddresses: onOrOff('MAIL_THREAD_ADDRESSES', value('MAIL_THREAD_ADDRESSES') ?? 'off'),
    authservIds: list('MAIL_AUTHSERV_IDS', readAuthservIds, 'names of mail servers, such as mx.desk.example'),
    publicUrl,
    basePath,
    logLevel,
    accessLog: onOrOff('ACCESS_LOG', value('ACCESS_LOG')),
    ...(metricsToken && { metricsToken }),
    ...signIn(value),
    ...readTracingSettings({ value, url: httpUrl, Fault: EnvironmentError }),
    ...publicKey('LEAKED_KEYS_PUBLIC_KEY', value('LEAKED_KEYS_PUBLIC_KEY')),
    webhookTargets: list(
      'WEBHOOK_ALLOW',
      readAllowedTargets,
      'names, IP addresses and networks, such as hooks.test,10.1.0.0/16',
    ),
    webConcurrency: integer('WEB_CONCURRENCY', value('WEB_CONCURRENCY'), 1, 1, 64),
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
    requestSeconds: integer('REQUEST_SECONDS', value('REQUEST_SECONDS'), 60, 1, 86_400),
    keepAliveSeconds: integer('KEEP_ALIVE_SECONDS', value('KEEP_ALIVE_SECONDS'), 75, 1, 3_600),
    drainSeconds: integer('DRAIN_SECONDS', value('DRAIN_SECONDS'), 0, 0, 3_600),
    introspection: oneOf('INTROSPECTION', value('INTROSPECTION') ?? 'on', ['on', 'off', 'public'] as const),
    persistedQueries: onOrOff('PERSISTED_QUERIES', value('PERSISTED_QUERIES')),
    batchedQueries: integer('BATCHED_QUERIES', value('BATCHED_QUERIES'), 0, 0, 100),
    federation: onOrOff('FEDERATION', value('FEDERATION') ?? 'off'),
    graphiql: onOrOff('GRAPHIQL', value('GRAPHIQL')),
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

function integer(name: string, value: string | undefined, fallback: number, least: number, most: number): number {
  if (value === undefined) return fallback;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new EnvironmentError(name, `is ${quote(value)}`, `a whole number from ${least} to ${most}`);
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new EnvironmentError(name, `is ${quote(value)}`, `one of ${allowed.join(', ')}`);
}

const defaultSignInScopes = [
  'customers:read',
  'customers:write',
  'conversations:read',
  'conversations:write',
  'analytics:read',
  'links:read',
];

/** Names of claims and scopes; which scopes there are is known where they are used. */
function signIn(value: (name: string) => string | undefined): Pick<Environment, 'oidc'> {
  const issuer = url('OIDC_ISSUER', value('OIDC_ISSUER'), ['http:', 'https:']);
  const audience = value('OIDC_AUDIENCE');
  const workspaceClaim = value('OIDC_WORKSPACE_CLAIM') ?? 'workspace';
  const agentClaim = value('OIDC_AGENT_CLAIM') ?? 'email';
  const scopes = value('OIDC_SCOPES')?.split(/[\s,]+/) ?? defaultSignInScopes;
  if (issuer === undefined) return {};
  if (audience === undefined) {
    throw new EnvironmentError('OIDC_AUDIENCE', 'is missing beside OIDC_ISSUER', 'what its tokens are made for');
  }
  const unknown = scopes.find((scope) => !/^[a-zA-Z]+:[a-z]+$/.test(scope));
  if (unknown !== undefined)
    throw new EnvironmentError('OIDC_SCOPES', `holds ${quote(unknown)}`, 'scopes such as customers:read');
  return { oidc: { issuer, audience, workspaceClaim, agentClaim, scopes } };
}

/** With line feeds written as \\n, since few tools pass others on. */
function publicKey(name: string, value: string | undefined): Pick<Environment, 'leakedKeysPublicKey'> {
  if (value === undefined) return {};
  const pem = value.replaceAll('\\n', '\n');
  try {
    createPublicKey(pem);
  } catch {
    throw new EnvironmentError(name, 'is no public key', 'a public key in PEM, its line feeds written as \\n');
  }
  return { leakedKeysPublicKey: pem };
}

/** On unless it says off. */
function onOrOff(name: string, value = 'on'): boolean {
  if (value === 'on' || value === 'off') return value === 'on';
  throw new EnvironmentError(name, `is ${quote(value)}`, 'on or off');
}

/** A list, of which `read` throws an error with the part that cannot be used. */
function listed<T>(name: string, text: string | undefined, read: (text: string) => T, wanted: string): T {
  try {
    return read(text ?? '');
  } catch (error) {
    const part = error instanceof Error ? error.message : '';
    throw new EnvironmentError(name, `holds ${quote(part)}`, wanted);
  }
}

/** URLs may hold passwords, so a bad one is not repeated in the message. */
function url(name: string, value: string | undefined, protocols: readonly string[]): string | undefined {
  if (value === undefined) return undefined;
  const wanted = `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const protocol = protocols.find((candidate) => value.startsWith(`${candidate}//`));
  if (!protocol) throw new EnvironmentError(name, `does not start with ${protocols[0]}//`, wanted);
  // PostgreSQL takes a URL without a host (the local socket), which the URL standard does not.
  // It also takes a list of hosts, of which the first one is looked at.
  const rest = value
    .slice(protocol.length + 2)
    .replace(/^([^/@]*@)?([^/?]*?)(?:,[^/?]*)?(?=[/?]|$)/, (_, user = '', host) => `${user}${host || 'localhost'}`);
  const lacksHost = !protocol.startsWith('postgres') && /^[a-z]+:\/\/(?:[^/@]*@)?(?:[/?]|$)/.test(value);
  if (lacksHost || /\s/.test(value) || !URL.canParse(`http://${rest}`))
    throw new EnvironmentError(name, 'is not a URL', wanted);
  return value;
}

/** The value as it may stand in one line. */
const quote = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
