/** Limits on the work that one request, and one key over time, can cause. */
export interface Limits {
  /** Bytes of a request's body. */
  maxBodyBytes: number;
  /** Bytes of an inbound e-mail. */
  maxMailBytes: number;
  /** Bytes of a request that uploads files. */
  maxUploadBytes: number;
  /** Tokens of a document. */
  maxTokens: number;
  /** Aliases of a document. */
  maxAliases: number;
  /** Levels of nested fields, with fragments expanded. */
  maxDepth: number;
  /** Points that an operation may cost. */
  maxCost: number;
  /** Points that a key can spend at once. */
  rateCapacity: number;
  /** Points that a key regains per second, up to the capacity. */
  rateRestore: number;
  /** Connections that one address may have open. */
  maxConnectionsPerAddress: number;
  /** WebSockets that one address may have open. */
  maxSocketsPerAddress: number;
  /** WebSockets that one key may have open. */
  maxSocketsPerKey: number;
  /** Operations that one WebSocket may have under way. */
  maxOperationsPerSocket: number;
  /** Subscriptions that one key may have open, over all transports. */
  maxSubscriptionsPerKey: number;
  /** Bytes of responses that may wait to be read: on one connection, and on all connections of a key. */
  maxUnsentBytes: number;
  maxUnsentBytesPerKey: number;
}

/** The defaults allow ordinary clients, and the load of all front ends of a desk that share one key. */
export const defaultLimits: Limits = {
  maxBodyBytes: 4 * 1_024 * 1_024,
  maxMailBytes: 25 * 1_024 * 1_024,
  maxUploadBytes: 25 * 1_024 * 1_024,
  maxTokens: 4_000,
  maxAliases: 200,
  maxDepth: 30,
  maxCost: 12_000,
  rateCapacity: 1_000_000,
  rateRestore: 500_000,
  maxConnectionsPerAddress: 1_000,
  maxSocketsPerAddress: 500,
  maxSocketsPerKey: 500,
  maxOperationsPerSocket: 200,
  maxSubscriptionsPerKey: 1_000,
  maxUnsentBytes: 1_024 * 1_024,
  maxUnsentBytesPerKey: 16 * 1_024 * 1_024,
};

/** Limits of one key; null where the general limit applies. */
export interface KeyLimits {
  maxCost: number | null;
  rateCapacity: number | null;
  rateRestore: number | null;
}
