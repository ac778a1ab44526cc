import { describe, expect, test } from 'vitest';
import { InexactJson, isExact, requireExactJson } from '../../../src/lib/json/exact-json.js';

function faultOf(json: string): { path: readonly (string | number)[]; message: string } | undefined {
  try {
    requireExactJson(Buffer.from(json));
    return undefined;
  } catch (error) {
    if (error instanceof InexactJson) return { path: error.path, message: error.message };
    throw error;
  }
}

describe('a number that a double does not hold is refused by name', () => {
  test.each([
    ['{"metadata":{"n":12345678901234567890}}', ['metadata', 'n']],
    ['[1,{"a":[true,9007199254740993]}]', [1, 'a', 1]],
    ['{"a":{"b":1},"c":-9007199254740993}', ['c']],
    ['{"a\\"b": [[], "12345678901234567890", 0.12345678901234567890]}', ['a"b', 2]],
    ['1e-400', []],
    ['{"x": 123456789012345678.5}', ['x']],
  ])('%s', (json, path) => {
    expect(faultOf(json)).toMatchObject({ path, message: expect.stringContaining('double') });
  });
});

test.each([
  '1',
  '-0',
  '0.1',
  '9007199254740992',
  '1e21',
  '1E+2',
  '100000000000000000000',
  '0.30000000000000004',
  '5e-324',
  '1.7976931348623157e308',
  '0.10000000000000000000',
  '123456789.123456',
])('%s is kept', (number) => {
  expect(isExact(number)).toBe(true);
  expect(faultOf(`{"n":${number}}`)).toBeUndefined();
});

describe('the key __proto__ is refused by name', () => {
  test.each([
    ['{"__proto__":{"a":1}}', []],
    ['{"metadata":{"a":1,"__proto__":2}}', ['metadata']],
    ['{"metadata":[{"\\u005f_proto_\\u005f" : 2}]}', ['metadata', 0]],
  ])('%s', (json, path) => {
    expect(faultOf(json)).toMatchObject({ path, message: 'must not have the key __proto__' });
  });

  test.each(['{"a":"__proto__"}', '["__proto__"]', '{"__proto":1,"_proto__":2}', '{"a":"x\\"__proto__\\":1"}'])(
    'not %s',
    (json) => {
      expect(faultOf(json)).toBeUndefined();
    },
  );
});
