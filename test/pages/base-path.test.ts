import { rm } from 'node:fs/promises';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { temporaryDataDir } from '../kit/data-dir.js';
import { subscribe, transports } from '../kit/followers.js';
import { type Gateway, kill, startGateway } from '../kit/gateway.js';

/** One gateway below /support, as behind a proxy with a path: everything that it serves, and every link on its pages. */

let gateway: Gateway;
let dataDir: string;
let base: string;
let key: string;

beforeAll(async () => {
  dataDir = await temporaryDataDir();
  gateway = await startGateway({ DATA_DIR: dataDir, BASE_PATH: '/support/' });
  base = `${gateway.url}/support`;
  await vi.waitUntil(() => gateway.out().includes(`Deskgraph serves ${base}/graphql`), { timeout: 280_000 });
  key = /ts_sk_live_\w+/.exec(gateway.out())?.[0] ?? '';
}, 300_000);

afterAll(async () => {
  await kill(gateway);
  await rm(dataDir, { recursive: true });
});

const bearer = () => ({ authorization: `Bearer ${key}` });

async function ask(query: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { ...bearer(), 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** The places that a page, a style or a script names. */
function linksOf(text: string): string[] {
  const inTags = [...text.matchAll(/\s(?:href|src|action)=\\?["']([^"'\\]*)/g)];
  return inTags.map(([, link = '']) => link.replaceAll('&amp;', '&'));
}

test('every link on every page leads to something, below the path alone', async () => {
  const seen = new Map<string, number>();
  const found: string[] = [];
  const waiting = [base, `${base}/graphql`, `${base}/analytics`, `${base}/docs`, `${base}/docs/rest-reference`];
  while (waiting.length > 0) {
    const url = waiting.pop() ?? '';
    if (seen.has(url)) continue;
    const response = await fetch(url, { headers: { accept: 'text/html, */*' } });
    const text = await response.text();
    seen.set(url, response.status);
    if (!response.headers.get('content-type')?.startsWith('text/html')) continue;
    for (const link of linksOf(text)) {
      const target = new URL(link, url);
      if (target.origin !== gateway.url) continue;
      found.push(target.pathname);
      target.hash = '';
      waiting.push(target.href);
    }
  }
  expect(found.filter((path) => path !== '/support' && !path.startsWith('/support/'))).toEqual([]);
  // Needs a key.
  const broken = [...seen].filter(([url, status]) => status !== 200 && !url.endsWith('/schema.graphql'));
  expect(broken).toEqual([]);
  const paths = [...seen.keys()].map((url) => url.slice(base.length));
  expect(paths).toEqual(
    expect.arrayContaining([
      '/pages/graphiql.js',
      '/pages/analytics.js',
      '/pages/scalar.js',
      '/docs/keys',
      '/openapi.json',
    ]),
  );
  expect(paths.filter((path) => path.startsWith('/docs/')).length).toBeGreaterThan(60);
}, 300_000);

test('what the scripts of the pages load lies below the path', async () => {
  const read = async (path: string) =>
    (await fetch(`${base}${path}`, { headers: { accept: 'text/html, */*' } })).text();
  const workers = [...(await read('/graphql')).matchAll(/"([^"]*\/graphiql-\w+\.js)"/g)].map(([, worker]) => worker);
  expect(workers).toEqual(['editor', 'json', 'graphql'].map((name) => `/support/pages/graphiql-${name}.js`));
  for (const worker of workers) expect((await fetch(`${gateway.url}${worker}`)).status).toBe(200);
  expect(await read('/docs/rest-reference')).toContain('data-base="/support"');
  expect(await read('/pages/reference.js')).not.toMatch(/["'`]\/(?:openapi\.json|graphql)/);
  expect(await read('/pages/analytics.js')).not.toMatch(/href:\s*["'`]\//);
  const scripts = [...(await read('/docs')).matchAll(/(?:src|href)="(\/support\/docs\/assets\/[^"]*\.js)"/g)];
  const texts = await Promise.all(scripts.map(async ([, path]) => (await fetch(`${gateway.url}${path}`)).text()));
  expect(texts.some((text) => text.includes('\\"base\\":\\"/support/docs/\\"'))).toBe(true);
  for (const text of texts) expect(text).not.toMatch(/["'`]\/docs\//);
  // The policy names the scripts of the page as they are sent.
  const policy = (await fetch(`${base}/docs`)).headers.get('content-security-policy');
  expect(policy).toContain("'sha256-");
});

test('GraphQL, REST and the description of it are there, and nothing of them elsewhere', async () => {
  expect(await ask('{ workspace { id } }')).toEqual({ data: { workspace: { id: expect.any(String) } } });
  const query = `${base}/graphql?query=${encodeURIComponent('{ workspace { id } }')}`;
  expect((await fetch(query, { headers: bearer() })).status).toBe(200);
  expect((await fetch(`${base}/v1/customers`, { headers: bearer() })).status).toBe(200);
  expect((await fetch(`${base}/schema.graphql`, { headers: bearer() })).status).toBe(200);
  expect(await (await fetch(`${base}/openapi.json`)).json()).toMatchObject({ servers: [{ url: '/support' }] });
  const elsewhere = [
    '/',
    '/graphql',
    '/v1/customers',
    '/docs',
    '/analytics',
    '/openapi.json',
    '/supportive',
    '/support.',
  ];
  for (const path of elsewhere) {
    expect([path, (await fetch(`${gateway.url}${path}`, { headers: bearer() })).status]).toEqual([path, 404]);
  }
});

test.each(transports)('changes are told over %s', async (transport) => {
  const document = parse('subscription { customerChanged { entityId } }');
  const follower = subscribe({ endpoint: `${base}/graphql`, key, transport }, document as never, {});
  let written = 0;
  // Until it follows, it is told nothing.
  await expect
    .poll(async () => {
      written += 1;
      const email = `${transport}-${written}@example.com`;
      await ask(`mutation { createCustomer(input: { email: "${email}" }) { userErrors { message } } }`);
      return follower.told.length;
    })
    .toBeGreaterThan(0);
  follower.leave();
});

test('signed links to files lead below the path', async () => {
  const form = new FormData();
  form.append('file', new Blob(['hello'], { type: 'text/plain' }), 'hello.txt');
  const uploaded = await fetch(`${base}/attachments`, { method: 'POST', headers: bearer(), body: form });
  const { attachments } = (await uploaded.json()) as { attachments: { id: string }[] };
  const answer = await ask(`mutation { startConversation(input: { email: "io@example.com", text: "Hi",
    attachmentIds: ["${attachments[0]?.id}"] }) { userErrors { message } message { attachments { url } } } }`);
  const [, link = ''] = /"url":"([^"]+)"/.exec(JSON.stringify(answer)) ?? [];
  expect(link).toMatch(`${base}/attachments/`);
  expect(await (await fetch(link)).text()).toBe('hello');
});

test('probes are answered there and at the root', async () => {
  for (const path of ['/health', '/ready', '/metrics']) {
    for (const from of [gateway.url, base]) expect((await fetch(`${from}${path}`)).status).toBe(200);
  }
});
