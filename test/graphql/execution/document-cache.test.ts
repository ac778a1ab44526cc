import type { DocumentNode } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { documentCache, validateOnce } from '../../../src/graphql/execution/document-cache.js';

test('documents are remembered by their text, the latest ones when there are too many', () => {
  const cache = documentCache<{ place: number }>();
  for (let place = 0; place < 1_500; place += 1) cache.set(`query { viewer { kind } } # ${place}`, { place });
  expect(cache.get('query { viewer { kind } } # 1499')).toEqual({ place: 1_499 });
  expect(cache.get('query { viewer { kind } } # 0')).toBeUndefined();
});

test('documents that take much memory, a hundred times that of their text, are few, however many there are', () => {
  const cache = documentCache<object>();
  const texts = Array.from({ length: 300 }, (_, place) => `${place}${'#'.repeat(32_000)}`);
  for (const text of texts) cache.set(text, {});
  expect(texts.filter((text) => cache.get(text)).length * 32_000).toBeLessThanOrEqual(1_024 * 1_024);
  const huge = '#'.repeat(40_000);
  cache.set(huge, {});
  cache.set('', {});
  expect([cache.get(huge), cache.get('')]).toEqual([undefined, undefined]);
});

test('a document is validated once, and its errors are told each time', async () => {
  let validations = 0;
  const count = () => {
    validations += 1;
  };
  const counted = {
    onValidate: ({ addValidationRule }) => addValidationRule(() => ({ Document: count })),
  } satisfies Plugin;
  const schema = createSchema({ typeDefs: 'type Query { known: Boolean }' });
  const documents = { documentCache: documentCache<DocumentNode>(), validationCache: false } as const;
  const yoga = createYoga({
    schema,
    logging: false,
    parserAndValidationCache: documents,
    plugins: [validateOnce(), counted],
  });
  const answers: string[] = [];
  for (const query of ['{ unknown }', '{ unknown }', '{ known }', '{ known }']) {
    const headers = { 'content-type': 'application/json' };
    const response = await yoga.fetch('http://desk.test/graphql', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    answers.push(await response.text());
  }
  expect(answers.slice(0, 2)).toEqual([answers[0], answers[0]]);
  expect(answers[0]).toContain('Cannot query field');
  expect(answers.slice(2)).toEqual(['{"data":{"known":null}}', '{"data":{"known":null}}']);
  expect(validations).toBe(2);
});
