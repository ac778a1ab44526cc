import { existsSync } from 'node:fs';
import { parse, toClientConfig } from 'pg-connection-string';
import { StartError } from '../../lib/process/start-error.js';
import { splitUrls } from '../../lib/settings/database.js';
import type { Connection } from './connection.js';
import { anyOf, type Host, preferences } from './hosts.js';

const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

export interface ConnectionUrl {
  connection: Connection;
  /** Absent when the URL does not mention TLS. Then TLS is not used. */
  sslMode?: SslMode;
  hosts: Host[];
}

/**
 * Reads a connection URL as libpq does (PostgreSQL manual, “Connection URIs”, “SSL Support”): `sslmode` with its meanings
 * there, `sslrootcert`, `sslcert`, `sslkey`, several hosts with `target_session_attrs`, IPv6 addresses in brackets, and the
 * directory of a socket as `?host=`. `schema` is Prisma's.
 * @param variable the variable that holds the URL, for messages.
 * @throws StartError that names the parameter and what is wanted. The URL is not repeated: it may hold a password.
 */
export function readConnectionUrl(url: string, variable: string): ConnectionUrl {
  const { hosts, single } = splitHosts(url);
  const parameters = new URLSearchParams(url.split('?')[1] ?? '');
  const oneOf = <T extends string>(name: string, allowed: readonly T[]): T | undefined => {
    const value = parameters.get(name);
    const found = allowed.find((candidate) => candidate === value);
    if (value === null || found !== undefined) return found;
    throw new StartError(`${variable}: ${name} is ${JSON.stringify(value)}; wanted: ${allowed.join(', ')}.`);
  };
  const sslMode = oneOf('sslmode', sslModes);
  const preference = oneOf('target_session_attrs', preferences) ?? 'any';
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    const path = parameters.get(name);
    if (path && !(name === 'sslrootcert' && path === 'system') && !existsSync(path)) {
      throw new StartError(`${variable}: there is no file ${path}, which ${name} names.`);
    }
  }
  if (sslMode === 'verify-ca' && !parameters.get('sslrootcert')) {
    throw new StartError(
      `${variable}: sslmode=verify-ca needs sslrootcert, the file of the authority; or use sslmode=verify-full.`,
    );
  }
  // "system" means the authorities that Node.js knows, for which no file is needed.
  const text = single.replace(/([?&])sslrootcert=system(?=&|$)/, '$1');
  const config = toClientConfig(parse(text, { useLibpqCompat: true }));
  const connection: Connection = { ...config, schema: parameters.get('schema') ?? undefined };
  if (hosts.length > 1 || preference !== 'any') {
    connection.hostsClient = anyOf(hosts.length > 1 ? hosts : [], preference);
    connection.Client = connection.hostsClient;
  }
  return { connection, hosts, ...(sslMode && { sslMode }) };
}

/**
 * The servers in a list of URLs, each of which may have several hosts: a URL and a name for each.
 * @throws StartError as `readConnectionUrl` does.
 */
export function serversOf(urls: string, variable: string): { url: string; name: string }[] {
  return splitUrls(urls).flatMap((url) => {
    readConnectionUrl(url, variable);
    const { hosts, each } = splitHosts(url);
    return hosts.map(({ host, port }, at) => ({ url: each[at] ?? url, name: `${host}:${port}` }));
  });
}

/** The hosts of the URL, a URL for each of them, and the URL with the first one. */
function splitHosts(url: string): { hosts: Host[]; each: string[]; single: string } {
  const [, start = '', list = '', rest = ''] = /^(\w+:\/\/(?:[^/?#@]*@)?)([^/?#]*)(.*)$/s.exec(url) ?? [];
  const names = list.split(',');
  const each = names.map((name) => `${start}${name}${rest}`);
  const hosts = names.map((name) => {
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(name) ?? [];
    return { host: host.replace(/^\[(.*)\]$/, '$1') || 'localhost', port: Number(port ?? 5432) };
  });
  return { hosts, each, single: each[0] ?? url };
}
