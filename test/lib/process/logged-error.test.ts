import { describe, expect, test } from 'vitest';
import { createLog } from '../../../src/lib/process/log.js';
import { messageOf } from '../../../src/lib/process/logged-error.js';

/** What a log writes of an error. */
function linesOf(error: unknown): string {
  const lines: string[] = [];
  createLog('trace', { write: (line) => void lines.push(line) }).error({ err: error }, 'It failed.');
  return lines.join('');
}

class PrismaClientValidationError extends Error {
  override readonly name = 'PrismaClientValidationError';
}

const withDetails = (message: string, properties: object) => Object.assign(new Error(message), properties);

describe('the log does not say what was in', () => {
  test.each([
    [
      'the reply of a mail server',
      withDetails("Can't send mail: 550 <secret@example.com> Secret", {
        responseCode: 550,
        response: '550 secret',
        rejected: ['secret@example.com'],
      }),
    ],
    [
      'a row that the database quotes',
      withDetails('invalid input syntax for type integer: "secret"', {
        code: '22P02',
        detail: 'Failing row contains (secret).',
        where: 'secret',
      }),
    ],
    ['a value that is quoted and cut', new Error(`bad value "secret ${'x'.repeat(600)} secret"`)],
    [
      'a call of Prisma',
      new PrismaClientValidationError(
        '\nInvalid `prisma.message.create()` invocation:\n{\n  data: { text: "secret \\" secret",\nsecret\n}}\n\nArgument `status` is missing.',
      ),
    ],
    ['a cause', new Error('Failed.', { cause: withDetails('for <secret@example.com>', { query: 'secret' }) })],
    [
      'the error of a driver',
      withDetails('Query failed.', {
        code: 'P2010',
        meta: { driverAdapterError: withDetails('invalid "secret"', { cause: { originalMessage: 'secret' } }) },
      }),
    ],
    ['what is no error', { secret: 'secret' }],
    ['a text', 'secret'],
  ])('%s', (_what, error) => {
    expect(linesOf(error)).not.toMatch(/secret/i);
  });
});

test('it says what helps to find the cause', () => {
  const cause = withDetails('duplicate key value violates unique constraint "Customer_pkey"', {
    code: '23505',
    constraint: 'Customer_pkey',
    table: 'Customer',
  });
  const { err, msg } = JSON.parse(linesOf(new Error('It broke.', { cause })));
  expect(msg).toBe('It failed.');
  expect(err).toMatchObject({
    type: 'Error',
    message: 'It broke.',
    stack: expect.stringContaining('logged-error.test.ts'),
    cause: { code: '23505', constraint: 'Customer_pkey', table: 'Customer', message: cause.message },
  });
});

test('an unreachable host, and a missing column are named', () => {
  const refused = withDetails('connect ECONNREFUSED 127.0.0.1:5432', {
    code: 'ECONNREFUSED',
    syscall: 'connect',
    port: 5432,
  });
  expect(JSON.parse(linesOf(refused)).err).toMatchObject({
    message: refused.message,
    code: 'ECONNREFUSED',
    port: 5432,
  });
  expect(messageOf(new Error('column "nme" does not exist'))).toBe('column "nme" does not exist');
});
