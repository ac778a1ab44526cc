import { checkUrl, EnvironmentError, type Reader } from './reader.js';

/** Where the database is, as the environment says. */
export interface DatabaseSettings {
  /** Absent: the embedded database in the data directory. */
  databaseUrl?: string;
  /** How migrations connect, past a pooler; absent: as everything else. */
  directDatabaseUrl?: string;
  /** The replicas that queries are read from; absent: the primary is asked for all. */
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
  // What replicas must not fall behind is told from process to process by Redis alone.
  if (value('REDIS_URL') === undefined && Number(value('WEB_CONCURRENCY') ?? 1) > 1) {
    throw fault('is set for several processes', 'REDIS_URL beside it, or WEB_CONCURRENCY=1');
  }
  return { ...settings, databaseReplicaUrl };
}

/** The URLs of a list. The hosts of a URL are separated by commas as well, so a URL begins with its protocol. */
export const splitUrls = (urls: string): string[] => urls.split(/\s*,\s*(?=\w+:\/\/)/);
