import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pageHeaders } from '../lib/http/content/page-headers.js';
import { packageRoot } from '../lib/process/root.js';

/** The documentation that the build creates from docs/, by the path at which each file is served. */

/** The content of a file, its type, and its additional headers. */
export interface Served {
  type: string;
  read(): Promise<Uint8Array<ArrayBuffer>>;
  headers?(content: Uint8Array<ArrayBuffer>): Record<string, string>;
}

export const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const rebased = /\.(?:html|js|css|json)$/;

const directory = join(packageRoot, 'dist/site');

/** Pages are served without their extension, the index page at /docs itself. */
const pathOf = (file: string): string => `/docs/${file.replace(/\.html$/, '')}`.replace(/\/index$/, '');

/**
 * Matches references to paths of the site in pages, scripts and lists of these; the site is built for /docs. Text
 * between tags, such as the name of a route, does not follow a quotation mark.
 */
const places = /(?<=["'`])\/docs(?=[/"'`#?\\])/g;

/** @throws if the documentation was not built */
export function siteFiles(basePath: string): Map<string, Served> {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const known = files.flatMap((file): [string, Served][] => {
    const type = types[extname(file)];
    if (type === undefined) return [];
    const read = async () => {
      const content = new Uint8Array(await readFile(join(directory, file)));
      if (basePath === '' || !rebased.test(file)) return content;
      return new TextEncoder().encode(new TextDecoder().decode(content).replaceAll(places, `${basePath}/docs`));
    };
    return [[pathOf(file), { type, read, ...(file.endsWith('.html') && { headers: headersOf }) }]];
  });
  return new Map(known);
}

/** Inline scripts are allowed by their hashes. Highlighted code uses inline styles for its colours. */
function headersOf(content: Uint8Array<ArrayBuffer>): Record<string, string> {
  const html = new TextDecoder().decode(content);
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, text = '']) => text);
  const hashes = inline.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return pageHeaders({ scripts: ["'self'", ...new Set(hashes)], styles: ["'self'", "'unsafe-inline'"] });
}
