import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors.js';
import { createMaskError } from '../../../src/graphql/execution/errors.js';
import { createLog } from '../../../src/lib/process/log.js';

const mask = createMaskError(createLog('silent'));
const told = (error: unknown): unknown => JSON.parse(JSON.stringify(mask(error)));

/** As executors wrap what a resolver throws. */
const ofField = (originalError: Error) =>
  new GraphQLError(originalError.message, { path: ['customer'], originalError });

const internal = {
  message: 'Something went wrong on our side.',
  path: ['customer'],
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
};

describe('an error reaches a client', () => {
  test('in its own words when the application means it for clients', () => {
    expect(told(ofField(new AppError('NOT_FOUND', 'Channel not found.', { path: ['input', 'channelId'] })))).toEqual({
      message: 'Channel not found.',
      path: ['customer'],
      extensions: { code: 'NOT_FOUND', argument: 'input.channelId' },
    });
  });

  test('with the argument that an executor could not use', () => {
    expect(told(ofField(new GraphQLError('Argument "id" of non-null type "ID!" must not be null.')))).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', argument: 'id' },
    });
  });
});

describe('an error reaches no client in words', () => {
  test.each([
    ['whatever else a resolver throws', new TypeError('rows is not iterable')],
    ['a null where the schema promises a value', new GraphQLError('Cannot return null for non-nullable field A.b.')],
    ['a value that a scalar cannot write', new GraphQLError('BigInt cannot represent value: pg_class')],
    ['an error within an error', ofField(new Error('connect ECONNREFUSED'))],
  ])('%s', (_what, error) => {
    expect(told(ofField(error))).toEqual(internal);
  });

  test.each([
    ['a text', 'connect ECONNREFUSED'],
    ['nothing at all', undefined],
    ['an object', { code: '23505' }],
  ])('%s that was thrown', (_what, thrown) => {
    expect(told(thrown)).toMatchObject({ message: internal.message, extensions: internal.extensions });
  });
});
