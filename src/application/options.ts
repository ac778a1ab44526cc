import type { OidcOptions } from '../auth/oidc.js';
import type { Database } from '../db/database.js';
import type { Replicas } from '../db/replicas/replicas.js';
import type { Introspection } from '../graphql/execution/hide-schema.js';
import { type AddressSet, readAddressSet } from '../lib/http/addresses.js';
import { defaultLimits, type Limits } from '../lib/http/limits.js';
import { type AllowedTargets, readAllowedTargets } from '../lib/http/targets.js';
import type { ConnectBus } from '../lib/process/bus.js';
import { type CacheStore, memoryStore } from '../lib/process/cache.js';
import type { Log } from '../lib/process/log.js';
import type { MailOptions } from '../modules/email/outbound/outbound-email.transports.js';
import type { FilesOptions } from '../modules/file/files.js';
import type { OperationsOptions } from './operations.js';

/** What those who run the gateway have decided, and what it runs on. */
export interface AppOptions {
  database: Database;
  log: Log;
  /** What holds for keys that were given nothing else; the defaults when left out. */
  limits?: Limits;
  /** The replicas of the database that queries may read from; none when left out. */
  replicas?: Replicas | undefined;
  /** How the processes of the gateway tell each other of changes; absent: there is one process. */
  connectBus?: ConnectBus | undefined;
  /** Where the answers of heavy reads are kept for a short time; in this process when left out. It is closed with the app. */
  cache?: CacheStore | undefined;
  /** Where queries are kept for clients that send their hash; absent: they are not. It is closed with the app. */
  queries?: CacheStore | undefined;
  /** The path below which everything is served, such as "/support"; none when left out. */
  basePath?: string;
  /** Where files are stored, and where links to them lead. */
  files?: FilesOptions;
  /** How mails leave; without it what is written is not mailed. */
  mail?: MailOptions;
  /** Who is told the schema; whoever has a key when left out. */
  introspection?: Introspection;
  /** How many operations one request may bring as a list; 0 when left out: no lists. */
  batchedQueries?: number;
  /** Whether the graph can be part of a federated one; it stands alone when left out. */
  federation?: boolean;
  /** Whether a browser gets GraphiQL; true when left out. */
  graphiql?: boolean;
  webhooks?: WebhookOptions;
  /** What operators may ask, and how. */
  operators?: Pick<OperationsOptions, 'jobs' | 'isLeaving' | 'metricsToken' | 'gather'>;
  /** Whose bearer tokens agents sign in with; nobody's when left out. */
  oidc?: OidcOptions;
  /** The public key by which reports of leaked keys must be signed; absent: whoever knows a key may report it. */
  leakedKeysPublicKey?: string;
  /** Whether each request gets a line in the log; true when left out. */
  accessLog?: boolean;
  /** Proxies whose X-Forwarded-For names the client; none when left out. */
  trustedProxies?: AddressSet;
  /** The mail servers that are believed what they found out about senders; none when left out. */
  authservIds?: ReadonlySet<string>;
}

export interface WebhookOptions {
  /** Where they may be sent beside public addresses; nowhere when left out. */
  targets?: AllowedTargets;
  /** How long an endpoint may take to answer, in milliseconds; 15 seconds when left out. */
  timeoutMs?: number;
  /** How long to wait before each attempt after the first, in milliseconds; three days in nine steps when left out. */
  delaysMs?: readonly number[];
}

/** The options with what holds where they say nothing. */
export interface AppSettings extends AppOptions {
  limits: Limits;
  cache: CacheStore;
  basePath: string;
  introspection: Introspection;
  batchedQueries: number;
  graphiql: boolean;
  webhooks: WebhookOptions & Required<Pick<WebhookOptions, 'targets' | 'timeoutMs'>>;
  accessLog: boolean;
  trustedProxies: AddressSet;
}

export const settingsOf = (options: AppOptions): AppSettings => ({
  ...options,
  limits: options.limits ?? defaultLimits,
  cache: options.cache ?? memoryStore(),
  basePath: options.basePath ?? '',
  introspection: options.introspection ?? 'on',
  batchedQueries: options.batchedQueries ?? 0,
  graphiql: options.graphiql ?? true,
  webhooks: { targets: readAllowedTargets(''), timeoutMs: 15_000, ...options.webhooks },
  accessLog: options.accessLog ?? true,
  trustedProxies: options.trustedProxies ?? readAddressSet(''),
});
