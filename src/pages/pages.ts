import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Log } from '../lib/log.js';
import { packageRoot } from '../lib/root.js';

/** What the gateway serves to browsers beside GraphiQL. The files are the same for everybody, and hold no data. */
export interface Pages {
  /** Whether the path is one of a page, or of what belongs to it. */
  handles(path: string): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Served {
  content: Buffer;
  etag: string;
}

/** The files by their paths; scripts and styles lie below their page, so that they are found behind any prefix. */
const files: Readonly<Record<string, { file: string; type: string }>> = {
  '/analytics': { file: 'analytics.html', type: 'text/html; charset=utf-8' },
  '/analytics/page.js': { file: 'analytics.js', type: 'text/javascript; charset=utf-8' },
  '/analytics/page.css': { file: 'analytics.css', type: 'text/css; charset=utf-8' },
};

/** Nothing of another host, nothing written into the page itself, and in no frame: the page holds a key. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  // Asked for again each time, and sent again only when it has changed.
  'Cache-Control': 'no-cache',
};

export function createPages(log: Log): Pages {
  const read = new Map<string, Promise<Served>>();
  const load = (file: string): Promise<Served> => {
    const known = read.get(file) ?? readServed(file);
    read.set(file, known);
    return known;
  };

  return {
    handles: (path) => Object.hasOwn(files, path),

    async answer({ method, url = '', headers: asked }, response) {
      if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      const { file, type } = files[url.split('?', 1)[0] ?? ''] ?? missing;
      try {
        const { content, etag } = await load(file);
        if (asked['if-none-match'] === etag) return void response.writeHead(304, { ...headers, ETag: etag }).end();
        const shown = { ...headers, ETag: etag, 'Content-Type': type, 'Content-Length': content.length };
        response.writeHead(200, shown).end(content);
      } catch (error) {
        read.delete(file);
        log.error({ err: error }, `${file} cannot be read.`);
        response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Something went wrong on our side.');
      }
    },
  };
}

const missing = { file: '', type: '' };

/** A file as the build left it. */
async function readServed(file: string): Promise<Served> {
  const content = await readFile(join(packageRoot, 'dist/pages', file));
  return { content, etag: `"${createHash('sha256').update(content).digest('base64url')}"` };
}
