import { checkUrl, EnvironmentError, type Reader } from './reader.js';

/** The database settings of the environment. */
export interface DatabaseSettings {
  /** Absent: the embedded database in the data directory. */
  databaseUrl?: string;
  /** The connection for migrations, which bypasses a pooler. When absent, the same as for everything else. */
  directDatabaseUrl?: string;
  /** The read replicas. When absent, the primary answers all queries. */
  databaseReplicaUrl?: string;
}

/** @throws EnvironmentError */
export function readDatabaseSettings({ value, url }: Reader): DatabaseSettings {
  const databaseUrl = url('DATABASE_URL', 'postgres');
  const directDatabaseUrl = url('DIRECT_DATABASE_URL', 'postgres');
  const databaseReplicaUrl = value('DATABASE_REPLICA_URL');
  const settings: DatabaseSettings = {
    ...(databaseUrl && { databaseUrl }),
    ...(directDatabaseUrl && { directDatabaseUrl }),
  };
  if (databaseReplicaUrl === undefined) return settings;
  const fault = (what: string, wanted: string) => new EnvironmentError('DATABASE_REPLICA_URL', what, wanted);
  for (const one of splitUrls(databaseReplicaUrl)) checkUrl('DATABASE_REPLICA_URL', one, 'postgres');
  if (!databaseUrl) throw fault('is set without DATABASE_URL', 'the replicas of the server that DATABASE_URL names');
  // Replicas need to know the positions that other processes have seen, which only Redis passes on.
  if (value('REDIS_URL') === undefined && Number(value('WEB_CONCURRENCY') ?? 1) > 1) {
    throw fault('is set for several processes', 'REDIS_URL beside it, or WEB_CONCURRENCY=1');
  }
  return { ...settings, databaseReplicaUrl };
}

/**
 * The URLs of a list. A URL may have several hosts, also separated by commas, so a new URL is recognised by its
 * protocol.
 */
export const splitUrls = (urls: string): string[] => urls.split(/\s*,\s*(?=\w+:\/\/)/);
