import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { joinPlugins } from '../../../src/graphql/http/joined-plugins.js';

const schema = createSchema({
  typeDefs: 'type Query { one: Int two: Int }',
  resolvers: { Query: { one: () => 1, two: () => 2 } },
});

async function ask(plugins: readonly Plugin[], query = '{ one }') {
  const yoga = createYoga({ schema, logging: false, plugins: joinPlugins(plugins) });
  const response = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

test('each hook finds what those before it have set, also after one that waits', async () => {
  const seen: unknown[] = [];
  const { text, headers } = await ask([
    {
      async onParams({ params, setParams }) {
        await later();
        setParams({ ...params, query: '{ two }' });
      },
      onExecutionResult: ({ setResult }) => setResult({ data: { told: 1 } }),
      onResultProcess: ({ setResult }) => setResult({ data: { told: 2 } }),
      onResponse: ({ response, setResponse, fetchAPI }) =>
        setResponse(new fetchAPI.Response(response.body, { headers: { 'x-told': '3' } })),
    },
    {
      onParams: ({ params }) => void seen.push(params.query),
      onExecute: ({ setExecuteFn }) => setExecuteFn(() => ({ data: { made: true } })),
      onExecutionResult: ({ result }) => void seen.push(result),
      onResultProcess: ({ result }) => void seen.push(result),
      onResponse: ({ response }) => void seen.push(response.headers.get('x-told')),
    },
    { onExecute: ({ executeFn }) => void seen.push((executeFn as () => unknown)()) },
  ]);
  expect(seen).toEqual(['{ two }', { data: { made: true } }, { data: { told: 1 } }, { data: { told: 2 } }, '3']);
  expect([text, headers.get('x-told')]).toEqual(['{"data":{"told":2}}', '3']);
});

test('no hook is called after one that ends the phase', async () => {
  const called: string[] = [];
  const ended = await ask([
    {
      onRequest: ({ endResponse, fetchAPI }) => endResponse(new fetchAPI.Response('ended', { status: 418 })),
      onResponse: () => void called.push('onResponse'),
    },
    { onRequest: () => void called.push('onRequest'), onRequestParse: () => void called.push('onRequestParse') },
  ]);
  expect([ended.status, ended.text]).toEqual([418, 'ended']);
  const kept = await ask([
    {
      async onExecute({ setResultAndStopExecution }) {
        await later();
        setResultAndStopExecution({ data: { kept: true } });
      },
    },
    { onExecute: () => void called.push('onExecute') },
  ]);
  expect(kept.text).toBe('{"data":{"kept":true}}');
  const refused = await ask([
    { onRequestParse: ({ endResponse, fetchAPI }) => endResponse(new fetchAPI.Response('no', { status: 403 })) },
    { onRequestParse: () => void called.push('onRequestParse') },
  ]);
  expect([refused.status, refused.text]).toEqual([403, 'no']);
  expect(called).toEqual(['onResponse']);
});

test('what a hook throws is answered, and those behind it are not called', async () => {
  const called: string[] = [];
  const throwing: Plugin[] = [
    {
      onParams() {
        throw new Error('at once');
      },
    },
    {
      async onParams() {
        await later();
        throw new Error('later');
      },
    },
  ];
  for (const plugin of throwing) {
    const { text } = await ask([plugin, { onParams: () => void called.push('onParams') }]);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ message: 'Unexpected error.' }] });
  }
  expect(called).toEqual([]);
});

test('documents are parsed and validated by each plugin', async () => {
  const called: string[] = [];
  await ask([{ onParse: () => void called.push('onParse') }, { onValidate: () => void called.push('onValidate') }]);
  expect(called).toEqual(['onParse', 'onValidate']);
});

test('a hook that wants to be told of the end of its phase is refused', async () => {
  const { text } = await ask([{ onExecute: () => ({ onExecuteDone: () => undefined }) }]);
  expect(JSON.parse(text)).toMatchObject({ errors: [{ message: 'Unexpected error.' }] });
});
