import { afterAll, beforeAll, expect, test } from 'vitest';
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
  ['/docs', 'text/html; charset=utf-8', '<title>REST endpoints'],
  ['/pages/base.css', 'text/css; charset=utf-8', ':root'],
  ['/pages/analytics.js', 'text/javascript; charset=utf-8', 'customerCohorts'],
  ['/pages/analytics.css', 'text/css; charset=utf-8', '[data-heat]'],
  ['/pages/docs.js', 'text/javascript; charset=utf-8', 'clipboard'],
  ['/pages/docs.css', 'text/css; charset=utf-8', '.operation'],
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

test('GraphiQL runs the scripts in it alone, and stands in no frame', async () => {
  const response = await ask('/graphql', { headers: { accept: 'text/html' } });
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("default-src 'none'");
  const [, scripts = ''] = /script-src ([^;]*)/.exec(policy) ?? [];
  expect(scripts).toMatch(/^('sha256-[\w+/=]{44}' ?)+$/);
  expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
});

test('whatever is answered is taken for what it says it is', async () => {
  for (const path of ['/graphql', '/v1/customers', '/health', '/nothing', '/openapi.json']) {
    const response = await ask(path, { headers: { accept: 'application/json' } });
    await response.text();
    expect([path, response.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
  }
});

test.each(['/analytics', '/docs'])('%s names what it loads relative to itself, and no other host', async (path) => {
  const html = await (await ask(path)).text();
  const loaded = [...html.matchAll(/<(?:link|script|img)\b[^>]*?(?:src|href)="([^"]*)"/g)].map(([, url]) => url);
  expect(loaded.length).toBeGreaterThan(2);
  expect(loaded.filter((url) => !/^(pages\/|data:)/.test(url ?? ''))).toEqual([]);
});

test.each(['base', 'analytics', 'docs'])('the style sheet %s loads nothing', async (name) => {
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
