import type { IncomingMessage } from 'node:http';

/** What a request asks for, and of whom. */

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

/** Headers that say what a request is. A proxy that checked one of two may have checked the other than we would read. */
const single: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);
const host = /^[\w.~!$&'()*+,;=%:[\]-]*$/;

/** Whether the headers of a request could be read in two ways, or name no host: to be refused with 400 (RFC 9112, 3.2). */
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
