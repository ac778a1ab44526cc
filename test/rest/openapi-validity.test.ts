import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../kit/http.js';
import {
  createCompiler,
  type Described,
  type Description,
  fetchDescription,
  type Media,
  operationsOf,
  written,
} from '../kit/openapi.js';

/** Whether /openapi.json is what it says it is, for whoever makes clients or pages of it. */

let server: TestServer;
let description: Description;
let operations: Described[];
const compile = createCompiler();

beforeAll(async () => {
  server = await startTestServer();
  description = await fetchDescription(server.origin);
  operations = operationsOf(written(description));
});
afterAll(() => server.close());

async function errorsOf(description: object): Promise<unknown> {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(description as never);
  if (valid) expect(validator.version).toBe('3.1');
  return valid ? [] : (errors ?? 'not valid');
}

test('it is OpenAPI 3.1', async () => {
  expect(await errorsOf(structuredClone(description))).toEqual([]);
  const [{ path, method } = { path: '', method: '' }] = operations;
  const operation = description.paths[path]?.[method.toLowerCase()];
  expect(await errorsOf({ ...description, paths: { [path]: { get: { ...operation, responses: [] } } } })).not.toEqual(
    [],
  );
});

test('it names the parts of each path, and nothing else, as parameters of the path', () => {
  for (const { title, path, operation } of operations) {
    const named = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
    const described = operation.parameters.filter((parameter) => parameter.in === 'path');
    expect({ title, names: described.map(({ name }) => name).sort() }).toEqual({ title, names: named.sort() });
    expect(described.every(({ required }) => required)).toBe(true);
    const places = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(places).size).toBe(places.length);
  }
});

/** The schemas with their examples, each with what it is. */
function mediaOf({ title, operation }: Described): (Media & { what: string })[] {
  const answers = Object.entries(operation.responses).flatMap(([status, { content }]) =>
    content ? [{ ...content['application/json'], what: `${title} ${status}` }] : [],
  );
  const body = operation.requestBody?.content['application/json'];
  return body ? [{ ...body, what: `${title} body` }, ...answers] : answers;
}

describe('each schema', () => {
  test('is one of JSON Schema, and its example is valid', () => {
    const media = operations.flatMap(mediaOf);
    expect(media.length).toBeGreaterThan(operations.length);
    for (const { what, schema, example } of media) {
      const validate = compile(schema);
      if (example === undefined) continue;
      validate(example);
      expect({ what, errors: validate.errors }).toEqual({ what, errors: null });
    }
  });

  test('of a parameter is one, and its default is valid', () => {
    for (const { title, operation } of operations) {
      for (const { name, schema } of operation.parameters) {
        const validate = compile(schema);
        // Nobody can send null there, and programs that are told they may send the word.
        expect({ name, takesNull: validate(null) }).toEqual({ name, takesNull: false });
        if (!('default' in schema)) continue;
        validate(schema.default);
        expect({ what: `${title} ${name}`, errors: validate.errors }).toEqual({
          what: `${title} ${name}`,
          errors: null,
        });
      }
    }
  });

  test('of a body and of an answer that is no refusal has an example', () => {
    const without = operations
      .flatMap(mediaOf)
      .filter(({ what, example }) => / (body|2\d\d)$/.test(what) && example === undefined);
    expect(without.map(({ what }) => what)).toEqual([]);
  });
});

test('every operation says how it refuses', () => {
  for (const { title, operation } of operations) {
    const needed = ['400', '401', '403', '404', '409', '422', '429', '500', '503'];
    const all = operation.requestBody ? [...needed, '413', '415'] : needed;
    const described = Object.keys(operation.responses);
    expect({ title, missing: all.filter((status) => !described.includes(status)) }).toEqual({ title, missing: [] });
  }
});

test('it names what clients have types for, each schema once', () => {
  const { components, paths } = description;
  const names = Object.keys(components.schemas);
  const vendors = /^(TidySupport|Cstar|Linquid)[A-Z]/;
  expect(names.filter((name) => !vendors.test(name))).toEqual([]);
  const text = JSON.stringify({ components, paths });
  expect(names.filter((name) => !text.includes(`"#/components/schemas/${name}"`))).toEqual([]);
  const written = Object.values(components.schemas).map((schema) => JSON.stringify(schema));
  expect(new Set(written).size).toBe(written.length);
  // What is not named is written out wherever it stands.
  const inPaths = JSON.stringify(paths);
  expect(written.filter((schema) => inPaths.includes(schema))).toEqual([]);
});

test('it says where else a key may stand', () => {
  const { components } = description;
  expect(components.securitySchemes).toMatchObject({
    apiKey: { type: 'http', scheme: 'bearer' },
    apiKeyHeader: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  });
  for (const { title, operation } of operations) {
    const inHeader = operation.tags.some((tag) => tag.startsWith('Linquid'));
    const either = [{ apiKey: [] }, { apiKeyHeader: [] }];
    expect({ title, security: operation.security }).toEqual({ title, security: inHeader ? either : undefined });
  }
});
