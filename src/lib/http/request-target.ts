import type { IncomingMessage } from 'node:http';

/** What the first line of a request asks for. */

/** The path and query that a request asks for, also as proxies ask, with the host before them (RFC 9112, 3.2.2). */
export function originForm(target = '/'): string {
  const [host] = /^https?:\/\/[^/?#]*/i.exec(target) ?? [];
  if (host === undefined) return target;
  const rest = target.slice(host.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The target as it is below a base path such as "/support", empty for none; undefined for one that lies elsewhere. */
export function belowBase(target: string, basePath: string): string | undefined {
  if (!target.startsWith(basePath)) return undefined;
  const rest = target.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : undefined;
}

/** A slash at the end of a path says nothing. */
export function withoutSlash(target: string): string {
  const [path = '', ...query] = target.split('?');
  const kept = path.replace(/\/+$/, '') || '/';
  return kept === path ? target : [kept, ...query].join('?');
}

export const pathOf = ({ url }: IncomingMessage): string => url?.split('?', 1)[0] ?? '/';
