import type { IncomingMessage } from 'node:http';

/** What the first line of a request asks for. */

/** The path and query that a request asks for, also as proxies ask, with the host before them (RFC 9112, 3.2.2). */
export function originForm(target = '/'): string {
  const [host] = /^https?:\/\/[^/?#]*/i.exec(target) ?? [];
  if (host === undefined) return target;
  const rest = target.slice(host.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** A slash at the end of a path says nothing. */
export function withoutSlash(target: string): string {
  const [path = '', ...query] = target.split('?');
  const kept = path.replace(/\/+$/, '') || '/';
  return kept === path ? target : [kept, ...query].join('?');
}

export const pathOf = ({ url }: IncomingMessage): string => url?.split('?', 1)[0] ?? '/';
