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

/** The operator's settings of the application, and the resources that it uses. */
export interface AppOptions {
  database: Database;
  log: Log;
  /** The limits of keys without limits of their own; the defaults when left out. */
  limits?: Limits;
  /** The replicas of the database that queries may read from; none when left out. */
  replicas?: Replicas | undefined;
  /** The bus on which the processes announce changes. When absent, there is one process. */
  connectBus?: ConnectBus | undefined;
  /** The cache for answers of heavy reads; in this process when left out. It is closed with the app. */
  cache?: CacheStore | undefined;
  /** The store of persisted queries; when absent, they are not stored. It is closed with the app. */
  queries?: CacheStore | undefined;
  /** The path below which everything is served, such as "/support"; none when left out. */
  basePath?: string;
  /** The store of files, and the base of links to them. */
  files?: FilesOptions;
  /** How e-mails are sent. When absent, messages are not sent by e-mail. */
  mail?: MailOptions;
  /** Who may read the schema; any key when left out. */
  introspection?: Introspection;
  /** The maximum number of operations in a batch; 0 when left out, which disables batches. */
  batchedQueries?: number;
  /** Whether the graph can be a subgraph of a federated one; false when left out. */
  federation?: boolean;
  /** Whether a browser gets GraphiQL; true when left out. */
  graphiql?: boolean;
  webhooks?: WebhookOptions;
  /** Settings of the endpoints for operators. */
  operators?: Pick<OperationsOptions, 'jobs' | 'isLeaving' | 'metricsToken' | 'gather'>;
  /** The identity provider for agents' sign-in; none when left out. */
  oidc?: OidcOptions;
  /** The public key that verifies reports of leaked keys. When absent, reports need no signature. */
  leakedKeysPublicKey?: string;
  /** Whether each request gets a line in the log; true when left out. */
  accessLog?: boolean;
  /** Proxies whose X-Forwarded-For names the client; none when left out. */
  trustedProxies?: AddressSet;
  /** The mail servers whose authentication results are trusted; none when left out. */
  authservIds?: ReadonlySet<string>;
}

export interface WebhookOptions {
  /** The allowed webhook targets in addition to public addresses; none when left out. */
  targets?: AllowedTargets;
  /** How long an endpoint may take to answer, in milliseconds; 15 seconds when left out. */
  timeoutMs?: number;
  /** The delays before each retry, in milliseconds; nine delays over three days when left out. */
  delaysMs?: readonly number[];
}

/** The options with their defaults filled in. */
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
