import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { type KeptContent, keepContent } from '../lib/http/content/kept-content.js';
import { pageHeaders } from '../lib/http/content/page-headers.js';
import { noteRoute } from '../lib/observe/request.js';
import type { Log } from '../lib/process/log.js';
import { packageRoot, version } from '../lib/process/root.js';
import type { OpenApiDescription } from '../rest/openapi.js';
import { type Served, siteFiles, types } from './site.js';
import { renderStartPage } from './start/page.js';

/**
 * The pages other than GraphiQL, and the description of the REST endpoints. They are the same for everybody and contain
 * no data.
 */
export interface Pages {
  /** Whether the path is that of a page or of one of its files. */
  handles(path: string): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface PagesOptions {
  /** The path below which everything is served; empty if there is none. */
  basePath: string;
  /** Describes the REST endpoints. */
  describe: () => OpenApiDescription;
  /** Whether GraphiQL is served, so that pages can link to it. */
  graphiql: boolean;
  /** Whether the schema can be read. */
  hasSchema: boolean;
  log: Log;
}

interface Content {
  content: KeptContent;
  headers: Record<string, string>;
}

const standard = pageHeaders();
/** The component of the REST reference creates inline styles. */
const reference = pageHeaders({ styles: ["'self'", "'unsafe-inline'"] });

const text =
  (make: () => string): Served['read'] =>
  async () =>
    new TextEncoder().encode(make());

/** A file of the build, served unchanged. */
const fromBuild = (file: string): Served => ({
  type: types[extname(file)] ?? '',
  read: async () => new Uint8Array(await readFile(join(packageRoot, 'dist/pages', file))),
});

/** Reads the page of the REST reference, and adds whether GraphiQL is served, and the base path. */
async function readReference(graphiql: boolean, basePath: string): Promise<Uint8Array<ArrayBuffer>> {
  const page = new TextDecoder().decode(await fromBuild('reference.html').read());
  const told = page
    .replace('data-graphiql="on"', `data-graphiql="${graphiql ? 'on' : 'off'}"`)
    .replace('data-base=""', `data-base="${basePath}"`)
    .replaceAll(/(?<=\s(?:href|src)=")(?=\/)/g, basePath);
  return new TextEncoder().encode(told);
}

const assets = ['base.css', 'start.css', 'analytics.css', 'analytics.js', 'reference.css', 'reference.js', 'scalar.js'];
const assetsOfGraphiql = [
  'graphiql.css',
  'graphiql.js',
  'graphiql-editor.js',
  'graphiql-json.js',
  'graphiql-graphql.js',
];

export function createPages({ basePath, describe, graphiql, hasSchema, log }: PagesOptions): Pages {
  const html = types['.html'] ?? '';
  const served = new Map<string, Served>([
    ['/', { type: html, read: text(() => renderStartPage({ basePath, version, graphiql, hasSchema })) }],
    ['/analytics', fromBuild('analytics.html')],
    ['/openapi.json', { type: types['.json'] ?? '', read: text(() => JSON.stringify(describe())) }],
    ['/docs/rest-reference', { type: html, read: () => readReference(graphiql, basePath), headers: () => reference }],
    ...[...assets, ...(graphiql ? assetsOfGraphiql : [])].map((file): [string, Served] => [
      `/pages/${file}`,
      fromBuild(file),
    ]),
  ]);
  let site: Map<string, Served> | undefined;
  const find = (path: string): { found: Served | undefined; status: number } => {
    const known = served.get(path);
    if (known || !isOfSite(path)) return { found: known, status: 200 };
    // All pages of the documentation share one route, because there are many and clients can request any path.
    noteRoute('/docs/*');
    site ??= siteFiles(basePath);
    const page = site.get(path);
    return page ? { found: page, status: 200 } : { found: site.get('/docs/404'), status: 404 };
  };
  const made = new Map<Served, Promise<Content>>();
  /** Loads the content on first use; after a failure, tries again next time. */
  const contentOf = (one: Served): Promise<Content> => {
    const content = made.get(one) ?? make(one);
    made.set(one, content);
    content.catch(() => made.delete(one));
    return content;
  };

  return {
    handles: (path) => served.has(path) || isOfSite(path),

    async answer({ method, url = '', headers: asked }, response) {
      if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      try {
        const { found, status } = find(url.split('?', 1)[0] ?? '');
        if (!found) return void response.writeHead(404).end();
        const { content, headers } = await contentOf(found);
        const { 'if-none-match': ifNoneMatch, 'accept-encoding': acceptEncoding } = asked;
        const { headers: known, body } = await content.answer({ ifNoneMatch, acceptEncoding });
        if (!body) return void response.writeHead(304, { ...headers, ...known }).end();
        const shown = { ...headers, ...known, 'Content-Type': found.type, 'Content-Length': body.length };
        response.writeHead(status, shown).end(body);
      } catch (error) {
        log.error({ err: error }, `${url} cannot be served.`);
        response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Something went wrong on our side.');
      }
    },
  };
}

const isOfSite = (path: string): boolean => path === '/docs' || path.startsWith('/docs/');

async function make({ read, headers }: Served): Promise<Content> {
  const bytes = await read();
  return { content: keepContent(bytes), headers: headers?.(bytes) ?? standard };
}
