import type { IncomingMessage } from 'node:http';

/** The target and the host of a request. */

/** The path and query of a request. Proxies may send the target with the host before the path (RFC 9112, 3.2.2). */
export function originForm(target = '/'): string {
  const [host] = /^https?:\/\/[^/?#]*/i.exec(target) ?? [];
  if (host === undefined) return target;
  const rest = target.slice(host.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * The target relative to a base path such as "/support", which may be empty; undefined when the target is outside of
 * it.
 */
export function belowBase(target: string, basePath: string): string | undefined {
  if (!target.startsWith(basePath)) return undefined;
  const rest = target.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : undefined;
}

/** Removes a slash at the end of the path, which has no meaning. */
export function withoutSlash(target: string): string {
  const [path = '', ...query] = target.split('?');
  const kept = path.replace(/\/+$/, '') || '/';
  return kept === path ? target : [kept, ...query].join('?');
}

export const pathOf = ({ url }: IncomingMessage): string => url?.split('?', 1)[0] ?? '/';

/** Headers that may occur only once. If there are two, a proxy may have checked the one that we would not read. */
const single: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);
const host = /^[\w.~!$&'()*+,;=%:[\]-]*$/;

/** Whether a request must be refused with 400 because its headers are ambiguous or lack a host (RFC 9112, 3.2). */
export function isAmbiguous({ rawHeaders, headers }: IncomingMessage): boolean {
  if (!host.test(headers.host ?? '')) return true;
  const seen = new Set<string>();
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place]?.toLowerCase() ?? '';
    if (!single.has(name)) continue;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}
