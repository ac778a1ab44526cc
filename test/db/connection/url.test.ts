import { describe, expect, test } from 'vitest';
import { readConnectionUrl } from '../../../src/db/connection/url.js';

const read = (url: string) => readConnectionUrl(url, 'DATABASE_URL');

describe('a connection URL', () => {
  test('names host, port, user, password and database', () => {
    expect(read('postgres://app:se%40cret@db.internal:5433/desk').connection).toMatchObject({
      host: 'db.internal',
      port: 5433,
      user: 'app',
      password: 'se@cret',
      database: 'desk',
    });
  });

  test.each([
    ['postgres://app@[::1]:5433/desk', [{ host: '::1', port: 5433 }]],
    [
      'postgres://app@one,two:5433,[::1]/desk',
      [
        { host: 'one', port: 5432 },
        { host: 'two', port: 5433 },
        { host: '::1', port: 5432 },
      ],
    ],
    ['postgres:///desk', [{ host: 'localhost', port: 5432 }]],
  ])('%s names its hosts', (url, hosts) => {
    expect(read(url).hosts).toEqual(hosts);
  });

  test('may name the directory of a socket', () => {
    const { connection } = read('postgres://app@/desk?host=/run/postgresql&port=5433');
    expect(connection).toMatchObject({ host: '/run/postgresql', port: 5433, database: 'desk' });
  });

  test('may name a schema', () => {
    expect(read('postgres://app@db/desk?schema=app').connection.schema).toBe('app');
    expect(read('postgres://app@db/desk').connection.schema).toBeUndefined();
  });

  test.each([
    ['', undefined],
    ['?sslmode=disable', false],
    ['?sslmode=prefer', { rejectUnauthorized: false }],
    ['?sslmode=require', { rejectUnauthorized: false }],
    ['?sslmode=verify-full', {}],
    ['?sslmode=verify-full&sslrootcert=system', {}],
  ])('%s says how to use TLS', (parameters, ssl) => {
    expect(read(`postgres://app@db/desk${parameters}`).connection.ssl).toEqual(ssl);
  });

  test.each([
    ['?sslmode=sure', 'DATABASE_URL: sslmode is "sure"; wanted: disable, prefer, require, verify-ca, verify-full.'],
    ['?target_session_attrs=best', 'DATABASE_URL: target_session_attrs is "best"; wanted: any, read-write,'],
    ['?sslmode=verify-ca', 'DATABASE_URL: sslmode=verify-ca needs sslrootcert, the file of the authority'],
    ['?sslrootcert=/none.crt', 'DATABASE_URL: there is no file /none.crt, which sslrootcert names.'],
  ])('%s is refused', (parameters, message) => {
    expect(() => read(`postgres://app:secret@db/desk${parameters}`)).toThrow(message);
  });
});
