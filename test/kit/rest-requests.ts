import type { Described, JsonSchema, Parameter } from './openapi.js';
import { randomNumbers } from './random-operations.js';

/** Requests at random, made from the description of an operation: as it says, nearly so, and plainly wrong. */

export interface RandomRequest {
  method: string;
  /** The path with the query, as it goes over the line. */
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
}

/** What there is in the workspace that is asked. */
export interface Known {
  key: string;
  /** What names the workspace itself. */
  workspace: readonly string[];
  /** Of whatever there is, in whatever form. */
  ids: readonly string[];
}

/** The parts of paths that name the workspace. */
const ofWorkspace = ['workspaceId', 'teamId'];

const oddTexts = [
  '',
  ' ',
  '\t\n',
  '0',
  '-1',
  '1e309',
  '0x10',
  '２',
  '9'.repeat(400),
  'null',
  'true',
  '[object Object]',
  '{"a":1}',
  '..',
  '../../etc/passwd',
  '%00',
  '%',
  '_',
  '\\',
  "'; DROP TABLE customers; --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'Zoë Ångström',
  '日本語のテキスト',
  '👩‍👧‍👦',
  'a\u0301'.repeat(50),
  '\u202Eright to left',
  '\uFEFF',
  'a\0b',
  '\uD800',
  'x\uDFFFy',
  'x'.repeat(65),
  'x'.repeat(256),
  'x'.repeat(1_001),
  'é'.repeat(20_000),
  'jane@example.com',
  'JANE@EXAMPLE.COM',
  'a@b',
  '"quoted"@example.com',
  'ctc_nobody',
  'thd_nobody',
  'wrk_nobody',
  'ext_usr_jane',
  '00000000-0000-4000-8000-000000000000',
  'Q3VzdG9tZXI6Y3RjXzE',
  '2026-01-01',
  '9999-99-99',
];

/** Nothing, or dots alone, would make the path that of another operation. */
const oddParts = oddTexts.filter((text) => !/^\.{0,2}$/.test(text));

const oddNumbers = [0, -0, 1, -1, 1.5, 100, 101, 1e21, 1e308, 2 ** 31, 2 ** 53, -(2 ** 63), 0.1 + 0.2];

/** Bodies that are no JSON, or none that anybody means. */
const oddBodies: readonly Buffer[] = [
  '',
  ' ',
  '{',
  '{"a":1,}',
  'null',
  '[]',
  '5',
  '"text"',
  'true',
  '{}',
  '{"__proto__":{"status":"ACTIVE"},"constructor":{"prototype":1}}',
  '{"name":"a","name":"b"}',
  '{"name":1e999}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"metadata":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  `{"tags":[${'"x",'.repeat(20_000)}"x"]}`,
  '\uFEFF{}',
  'a=1&b=2',
  '<xml/>',
  '{"name":"\\ud800"}',
  '{"customFields":{"a\\u0000b":1},"metadata":{"a\\u0000b":1}}',
].map((text) => Buffer.from(text));

const oddQueries = [
  '%ff=1',
  '%=1',
  'a%zz=1',
  '&&&',
  '=',
  '=x',
  'a[]=1',
  '__proto__=1',
  'constructor=1',
  'x;y=1',
  '?',
  '#',
];

const oddHeaders: readonly Record<string, string>[] = [
  { authorization: '' },
  { authorization: 'Bearer' },
  { authorization: 'Bearer YOUR_API_KEY' },
  { authorization: 'Basic amFuZTpzZWNyZXQ=' },
  { authorization: `Bearer ${'x'.repeat(2_000)}` },
  { authorization: 'Bearer \u00e9' },
  { 'content-type': 'text/plain' },
  { 'content-type': '' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'APPLICATION/JSON' },
  { 'content-encoding': 'gzip' },
  { accept: 'text/html' },
  { accept: '*/*;q=0' },
  { 'idempotency-key': '' },
  { 'idempotency-key': ' ' },
  { 'idempotency-key': 'same' },
  { 'idempotency-key': 'x'.repeat(256) },
  { 'idempotency-key': '\u00e9' },
  { 'idempotency-key': '"quoted"' },
  { 'x-http-method-override': 'DELETE' },
  { 'x-forwarded-for': '::1' },
  { 'accept-language': 'x'.repeat(4_000) },
];

export function randomRequests(seed: number): (described: Described, known: Known) => RandomRequest {
  const random = randomNumbers(seed);
  const chance = (probability: number): boolean => random() < probability;
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  let made = 0;

  const oddValue = (depth = 0): unknown => {
    const kind = below(depth > 3 ? 4 : 6);
    if (kind === 0) return pick([null, true, false]);
    if (kind === 1) return pick(oddNumbers);
    if (kind <= 3) return pick(oddTexts);
    const values = Array.from({ length: below(4) }, () => oddValue(depth + 1));
    return kind === 4 ? values : Object.fromEntries(values.map((value) => [pick(oddTexts), value]));
  };

  const nested = (depth: number): object =>
    Array.from({ length: depth }).reduce<object>((inner) => (chance(0.5) ? [inner] : { inner }), {});

  /** A value that the schema allows, or one at its edges. */
  const madeOf = (schema: JsonSchema, depth = 0): unknown => {
    const choices = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
    if (choices) return madeOf(pick(choices), depth);
    if (Array.isArray(schema.examples) && chance(0.5)) return pick(schema.examples);
    if ('const' in schema) return schema.const;
    if (Array.isArray(schema.enum)) return pick(schema.enum);
    const { maxLength = 40, minimum = -5, maximum = 200 } = schema as Record<string, number>;
    switch (schema.type) {
      case 'string':
        if (chance(0.1)) return 'y'.repeat(Math.max(0, maxLength + pick([-1, 0, 1])));
        return chance(0.3) ? pick(oddTexts) : pick(['Jane', 'Zoë', 'new text', 'vip', `unlike ${made}`]);
      case 'integer':
      case 'number':
        return pick([minimum - 1, minimum, minimum + 1, maximum - 1, maximum, maximum + 1, 1, 2, 20]);
      case 'boolean':
        return chance(0.5);
      case 'null':
        return null;
      case 'array':
        return Array.from({ length: pick([0, 1, 2, 51]) }, () => madeOf((schema.items ?? {}) as JsonSchema, depth + 1));
      case 'object': {
        const { properties = {} } = schema as { properties?: Record<string, JsonSchema> };
        if (chance(0.1)) return nested(pick([4, 5, 30, 31, 32, 33, 3_000]));
        const own = Object.entries(properties).map(([name, inner]) => [name, madeOf(inner, depth + 1)]);
        return Object.fromEntries(own.length > 0 ? own : [[pick(oddTexts), oddValue(depth + 1)]]);
      }
      default:
        return oddValue(depth);
    }
  };

  /** The example of the body with some of its fields exchanged, left out or added. */
  const bodyOf = (schema: JsonSchema, example: unknown): Buffer => {
    if (chance(0.15)) return pick(oddBodies);
    const body = { ...(example as Record<string, unknown>) };
    // The same names again would only be refused.
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'string' && value.includes('@') && chance(0.7)) body[name] = `jane${made}@example.com`;
      if (name === 'externalId' && chance(0.7)) body[name] = `usr_${made}`;
    }
    const { properties = {} } = schema as { properties?: Record<string, JsonSchema> };
    const names = [...Object.keys(properties), ...Object.keys(body)];
    for (let changes = pick([0, 0, 1, 1, 2, 3]); changes > 0 && names.length > 0; changes -= 1) {
      const name = pick(names);
      const how = below(6);
      if (how === 0) delete body[name];
      else if (how === 1) body[name] = null;
      else if (how === 2) body[chance(0.5) ? name : pick(oddTexts)] = oddValue();
      else body[name] = madeOf(properties[name] ?? {});
    }
    return Buffer.from(JSON.stringify(body));
  };

  /** What is longer, or has bytes above ASCII, the HTTP parser of Node refuses before anybody sees it. */
  const encoded = (text: string): string => {
    const wellFormed = Buffer.from(text.slice(0, 1_200)).toString();
    return chance(0.03) ? pick(['%', '%ff', '%c3%28', '%2F', '%00', '+', '%20']) : encodeURIComponent(wellFormed);
  };

  const partOf = ({ name, schema }: Parameter, { workspace, ids }: Known): string => {
    if (chance(0.08)) return encoded(pick(oddParts));
    if (ofWorkspace.includes(name)) return encoded(pick(workspace));
    const { pattern } = schema as { pattern?: string };
    const fitting = pattern === undefined ? ids : ids.filter((id) => new RegExp(pattern).test(id));
    return encoded(chance(0.15) || fitting.length === 0 ? pick(ids) : pick(fitting));
  };

  const queryOf = (parameters: readonly Parameter[], { ids }: Known): string => {
    const given = parameters.filter(({ required }) => chance(required ? 0.95 : 0.4));
    const pairs = given.map(({ name, schema }) => {
      const value = chance(0.2) ? pick(schema.type === 'string' ? ids : oddTexts) : madeOf(schema);
      return `${name}=${encoded(String(value))}`;
    });
    if (chance(0.05) && pairs[0]) pairs.push(pairs[0]);
    if (chance(0.08)) pairs.push(pick(oddQueries));
    return pairs.length > 0 ? `?${pairs.join('&')}` : '';
  };

  return ({ method, path, operation }, known) => {
    made += 1;
    const of = (place: Parameter['in']) => operation.parameters.filter((parameter) => parameter.in === place);
    const filled = of('path').reduce((text, part) => text.replace(`{${part.name}}`, () => partOf(part, known)), path);
    const media = operation.requestBody?.content['application/json'];
    const body = media ? bodyOf(media.schema, media.example) : chance(0.05) ? pick(oddBodies) : undefined;
    const headers: Record<string, string> = {
      authorization: `Bearer ${known.key}`,
      ...(body && { 'content-type': 'application/json', 'content-length': String(body.length) }),
      ...(chance(0.08) && pick(oddHeaders)),
      ...(chance(0.05) && { 'idempotency-key': `key-${made}` }),
    };
    return { method, path: `${filled}${queryOf(of('query'), known)}`, headers, ...(body && { body }) };
  };
}
