import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type KeptContent, keepContent } from '../lib/http/content/kept-content.js';
import { pageHeaders } from '../lib/http/content/page-headers.js';
import type { Log } from '../lib/process/log.js';
import { packageRoot } from '../lib/process/root.js';
import type { OpenApiDescription } from '../rest/openapi.js';
import { renderReference } from './reference/page.js';

/** The pages beside GraphiQL, and the description of the REST endpoints: the same for everybody, without data. */
export interface Pages {
  /** Whether the path is one of these, or of what belongs to a page. */
  handles(path: string): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface PagesOptions {
  /** Describes the REST endpoints. */
  describe: () => OpenApiDescription;
  /** Whether there is a GraphiQL to lead to. */
  graphiql: boolean;
  log: Log;
}

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

const headers = pageHeaders();

export function createPages({ describe, graphiql, log }: PagesOptions): Pages {
  const served: Readonly<Record<string, { type: string; read(): Promise<KeptContent> }>> = {
    '/analytics': { type: types.html, read: once(() => fromBuild('analytics.html')) },
    '/docs': { type: types.html, read: once(async () => Buffer.from(renderReference(describe(), { graphiql }))) },
    '/openapi.json': { type: types.json, read: once(async () => Buffer.from(JSON.stringify(describe()))) },
    '/pages/base.css': { type: types.css, read: once(() => fromBuild('base.css')) },
    '/pages/analytics.css': { type: types.css, read: once(() => fromBuild('analytics.css')) },
    '/pages/analytics.js': { type: types.js, read: once(() => fromBuild('analytics.js')) },
    '/pages/docs.css': { type: types.css, read: once(() => fromBuild('docs.css')) },
    '/pages/docs.js': { type: types.js, read: once(() => fromBuild('docs.js')) },
  };

  return {
    handles: (path) => Object.hasOwn(served, path),

    async answer({ method, url = '', headers: asked }, response) {
      const found = served[url.split('?', 1)[0] ?? ''];
      if (!found) return void response.writeHead(404).end();
      if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      try {
        const content = await found.read();
        const { 'if-none-match': ifNoneMatch, 'accept-encoding': acceptEncoding } = asked;
        const { headers: known, body } = await content.answer({ ifNoneMatch, acceptEncoding });
        if (!body) return void response.writeHead(304, { ...headers, ...known }).end();
        const shown = { ...headers, ...known, 'Content-Type': found.type, 'Content-Length': body.length };
        response.writeHead(200, shown).end(body);
      } catch (error) {
        log.error({ err: error }, `${url} cannot be served.`);
        response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Something went wrong on our side.');
      }
    },
  };
}

/** A file as the build left it. */
const fromBuild = (file: string): Promise<Buffer> => readFile(join(packageRoot, 'dist/pages', file));

/** Makes the content when it is first asked for; when that fails, again the next time. */
function once(make: () => Promise<Buffer>): () => Promise<KeptContent> {
  let made: Promise<KeptContent> | undefined;
  const begin = async (): Promise<KeptContent> => {
    try {
      return keepContent(new Uint8Array(await make()));
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
  return () => {
    made ??= begin();
    return made;
  };
}
