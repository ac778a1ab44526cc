import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** How the pages for browsers are served. */

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const ask = (path: string, init?: RequestInit) => fetch(`${server.origin}${path}`, init);

const files = [
  ['/analytics', 'text/html; charset=utf-8', '<title>Revenue analytics'],
  ['/', 'text/html; charset=utf-8', '<title>Deskgraph'],
  ['/pages/base.css', 'text/css; charset=utf-8', ':root'],
  ['/pages/analytics.js', 'text/javascript; charset=utf-8', 'customerCohorts'],
  ['/pages/analytics.css', 'text/css; charset=utf-8', '[data-heat]'],
  ['/pages/start.css', 'text/css; charset=utf-8', '.entries'],
  ['/pages/graphiql.css', 'text/css; charset=utf-8', '.graphiql-container'],
  ['/pages/graphiql-json.js', 'text/javascript; charset=utf-8', 'json'],
] as const;

test.each(files)('%s is served to everybody, and may load nothing from elsewhere', async (path, type, part) => {
  const response = await ask(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(type);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(await response.text()).toContain(part);
});

test('GraphiQL runs our own scripts alone, and stands in no frame', async () => {
  const response = await ask('/graphql', { headers: { accept: 'text/html' } });
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("default-src 'none'");
  const [, scripts = ''] = /script-src ([^;]*)/.exec(policy) ?? [];
  expect(scripts).toMatch(/^'self'( 'sha256-[\w+/=]{44}')+$/);
  expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
});

test('what GraphiQL consists of is sent once', async () => {
  const page = await ask('/graphql', { headers: { accept: 'text/html' } });
  expect((await page.text()).length).toBeLessThan(50_000);
  const script = await ask('/pages/graphiql.js');
  await script.arrayBuffer();
  const again = await ask('/pages/graphiql.js', { headers: { 'if-none-match': script.headers.get('etag') ?? '' } });
  expect(again.status).toBe(304);
});

test('where GraphiQL is switched off, neither is what it consists of there', async () => {
  const off = await startTestServer({ graphiql: false });
  const { status } = await fetch(`${off.origin}/pages/graphiql.js`);
  await off.close();
  expect(status).toBe(404);
});

test('whatever is answered is taken for what it says it is', async () => {
  for (const path of ['/graphql', '/v1/customers', '/health', '/nothing', '/openapi.json']) {
    const response = await ask(path, { headers: { accept: 'application/json' } });
    await response.text();
    expect([path, response.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
  }
});

test.each(['/', '/analytics', '/docs', '/docs/start', '/docs/graphql/objects', '/docs/rest-reference'])(
  '%s loads from no other host',
  async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe|unsafe-eval|https?:|\*/);
    const html = await response.text();
    const loaded = [...html.matchAll(/<(?:link|script|img)\b[^>]*?(?:src|href)="([^"]*)"/g)].map(([, url]) => url);
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter((url) => !/^(\/?pages\/|\/docs\/|data:)/.test(url ?? ''))).toEqual([]);
  },
);

test('/ names what is here, and its version', async () => {
  const html = await (await ask('/')).text();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(html).toContain(`Version ${version}`);
  const links = [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, link = '']) => link);
  expect(links).toEqual(expect.arrayContaining(['/graphql', '/docs', '/docs/rest-reference', '/analytics', '/health']));
  for (const link of links.filter((one) => one !== '/schema.graphql')) {
    const { status } = await ask(link, { headers: { accept: 'text/html,*/*' } });
    expect([link, status]).toEqual([link, 200]);
  }
});

test('every link of the documentation leads to a page that is there, and to a place in it', async () => {
  const site = join(packageRoot, 'dist/site');
  const names = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const pages = new Map(
    names.map((name) => [`/docs/${name.slice(0, -5)}`.replace(/\/index$/, ''), readFileSync(join(site, name), 'utf8')]),
  );
  const idsOf = new Map([...pages].map(([path, html]) => [path, new Set(html.match(/(?<=\bid=")[^"]*/g))]));
  const broken: string[] = [];
  const others = new Set<string>();
  for (const [path, html] of pages) {
    for (const [, link = ''] of html.matchAll(/<a\b[^>]*?\bhref="([^"]*)"/g)) {
      if (/^(https?|mailto):/.test(link)) continue;
      const { pathname, hash } = new URL(link, `${server.origin}${path}`);
      const page = pathname.replace(/(?<=.)\/$/, '');
      if (!pages.has(page)) others.add(page);
      else if (hash && !idsOf.get(page)?.has(decodeURIComponent(hash.slice(1)))) broken.push(`${path}: ${link}`);
    }
  }
  expect(pages.size).toBeGreaterThan(30);
  expect(broken).toEqual([]);
  for (const path of others) {
    const { status } = await ask(path, { headers: { accept: 'text/html,*/*' } });
    expect([path, status]).toEqual([path, path === '/schema.graphql' ? 401 : 200]);
  }
});

test('a page of the documentation that there is not is a page that says so', async () => {
  const missing = await ask('/docs/nothing');
  expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
  expect(await missing.text()).toContain('404');
  expect((await ask('/docs/..%2F..%2Fpackage.json')).status).toBe(404);
});

test.each(['base', 'analytics', 'start'])('the style sheet %s loads nothing', async (name) => {
  expect(await (await ask(`/pages/${name}.css`)).text()).not.toMatch(/@import|url\(/);
});

test('what has not changed is not sent again', async () => {
  const etag = (await ask('/pages/analytics.js')).headers.get('etag') ?? '';
  const again = await ask('/pages/analytics.js?version=1', { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
});

test('pages are read, not written', async () => {
  const refused = await ask('/analytics', { method: 'POST' });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const head = await ask('/analytics', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('what is no page is not found', async () => {
  expect((await ask('/pages/analytics.map')).status).toBe(404);
  expect((await ask('/pages/..%2Fpackage.json')).status).toBe(404);
});
