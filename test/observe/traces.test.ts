import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import { temporaryDataDir } from '../kit/data-dir.js';
import { serves, startGateway } from '../kit/gateway.js';

/** Traces as a collector gets them from a gateway. */

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

/** A server on loopback that keeps what it is sent. */
async function receiver(take: (body: string, request: IncomingMessage) => void) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    take(Buffer.concat(chunks).toString(), request);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

interface Export {
  resourceSpans: { resource: { attributes: Span['attributes'] }; scopeSpans: { spans: Span[] }[] }[];
}

const attributesOf = ({ attributes }: Pick<Span, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

test('a request, its phases, its statements and the webhook of its change are told to a collector', async () => {
  const exports: Export[] = [];
  const paths = new Set<string>();
  const collector = await receiver((body, { url = '', headers }) => {
    paths.add(`${url} ${headers['x-team']}`);
    exports.push(JSON.parse(body));
  });
  const delivered: IncomingMessage['headers'][] = [];
  const endpoint = await receiver((_body, { headers }) => delivered.push(headers));
  const dataDir = await temporaryDataDir();
  const gateway = await startGateway({
    DATA_DIR: dataDir,
    WEBHOOK_ALLOW: '127.0.0.1',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=desk',
    OTEL_SERVICE_NAME: 'desk-under-test',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const spans = (): Span[] =>
    exports.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  try {
    await serves(gateway);
    const [key = ''] = /ts_sk_live_\w+/.exec(gateway.out()) ?? [];
    const ask = async (query: string, variables: object, headers = {}) => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return JSON.stringify(await response.json());
    };
    const hook = { url: `${endpoint.url}/hook`, eventTypes: ['customer.created'] };
    const createHook =
      'mutation H($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { userErrors { message } } }';
    expect(await ask(createHook, { input: hook })).toContain('"userErrors":[]');
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const create =
      'mutation Traced($input: CreateCustomerInput!) { createCustomer(input: $input) { userErrors { message } } }';
    const input = { email: 'traced@example.com', name: 'Traced Secretly' };
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    expect(await ask(create, { input }, { traceparent, 'x-request-id': 'traced-1' })).toContain('"userErrors":[]');

    await expect.poll(() => delivered.length).toBeGreaterThan(0);
    const ofTrace = () => spans().filter((span) => span.traceId === traceId);
    await expect.poll(() => ofTrace().map(({ name }) => name)).toContain('POST /graphql');
    const names = ofTrace().map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['graphql.parse', 'graphql.validate', 'graphql.execute', 'INSERT', 'COMMIT']),
    );
    const request = ofTrace().find(({ name }) => name === 'POST /graphql');
    expect(request).toMatchObject({ parentSpanId: 'b7ad6b7169203331' });
    expect(request && attributesOf(request)).toMatchObject({
      'deskgraph.request.id': 'traced-1',
      'graphql.operation.name': 'Traced',
      'http.response.status_code': 200,
      'http.route': '/graphql',
    });
    const execute = ofTrace().find(({ name }) => name === 'graphql.execute');
    expect(execute?.parentSpanId).toBe(request?.spanId);
    const insert = ofTrace().find(({ name }) => name === 'INSERT');
    expect(insert?.parentSpanId).toBe(execute?.spanId);

    const [, webhookTrace, webhookSpan] = String(delivered[0]?.traceparent).split('-');
    const sent = () => spans().find(({ spanId }) => spanId === webhookSpan);
    await expect.poll(sent).toMatchObject({ name: 'POST webhook', traceId: webhookTrace });
    const job = () => spans().find(({ spanId }) => spanId === sent()?.parentSpanId);
    await expect.poll(() => job()?.name).toMatch(/^job /);

    const line = gateway
      .err()
      .split('\n')
      .find((candidate) => candidate.includes('"traced-1"'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ requestId: 'traced-1', traceId });
    expect([...paths]).toEqual(['/v1/traces desk']);
    expect(exports[0]?.resourceSpans[0] && attributesOf(exports[0].resourceSpans[0].resource)).toMatchObject({
      'service.name': 'desk-under-test',
    });
    // Nothing of what was written, and no key.
    const told = JSON.stringify(exports);
    for (const secret of ['traced@example.com', 'Secretly', key]) expect(told).not.toContain(secret);
  } finally {
    gateway.process.kill('SIGKILL');
    await gateway.ended;
    collector.close();
    endpoint.close();
    await rm(dataDir, { recursive: true, maxRetries: 20 });
  }
});

test('the libraries for traces are loaded by one file, which is loaded only when tracing is on', () => {
  const source = join(packageRoot, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const importing = (pattern: RegExp) => files.filter((name) => pattern.test(readFileSync(join(source, name), 'utf8')));
  expect(importing(/from '@opentelemetry\//)).toEqual(['lib/observe/open-telemetry.ts']);
  expect(importing(/from '\.[^']*open-telemetry\.js'/)).toEqual([]);
  expect(importing(/import\('\.[^']*open-telemetry\.js'\)/)).toEqual(['lib/observe/tracing.ts']);
});
