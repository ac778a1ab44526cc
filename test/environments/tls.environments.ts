import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command } from './command.js';
import { makeCertificate, type Postgres, startPostgres } from './servers.js';

/** A server that takes TLS alone, with a certificate for `localhost` that a private authority signed, and one without TLS. */

let [secure, plain]: Postgres[] = [];
let authority: string;

beforeAll(async () => {
  const made = await makeCertificate('localhost');
  secure = await startPostgres({
    settings: ['ssl = on'],
    access: 'local all all trust\nhostssl all all all trust\n',
    files: { 'server.crt': made.certificate, 'server.key': made.key },
  });
  plain = await startPostgres();
  authority = join(secure.directory, 'authority.crt');
  await writeFile(authority, made.authority);
});

afterAll(async () => {
  await secure?.stop();
  await plain?.stop();
});

const migrate = (url: string) => command(['migrate'], { DATABASE_URL: url });
const at = (server: Postgres | undefined, host: string, parameters: string) =>
  `postgres://postgres@${host}:${server?.port}/postgres${parameters}`;

describe('connects', () => {
  test.each([
    ['localhost', '?sslmode=require'],
    ['127.0.0.1', '?sslmode=require'],
    ['[::1]', '?sslmode=require'],
    ['localhost', '?sslmode=prefer'],
    ['localhost', '?sslmode=verify-full&sslrootcert=AUTHORITY'],
    ['127.0.0.1', '?sslmode=verify-ca&sslrootcert=AUTHORITY'],
  ])('with TLS to %s%s', async (host, parameters) => {
    const outcome = await migrate(at(secure, host, parameters.replace('AUTHORITY', authority)));
    expect(outcome).toMatchObject({ code: 0, err: '' });
  });

  test.each(['', '?sslmode=prefer', '?sslmode=disable'])('without TLS where there is none: %s', async (parameters) => {
    expect(await migrate(at(plain, '127.0.0.1', parameters))).toMatchObject({ code: 0, err: '' });
  });

  test('by a socket', async () => {
    const url = `postgres://postgres@/postgres?host=${plain?.directory}&port=${plain?.port}`;
    expect(await migrate(url)).toMatchObject({ code: 0, err: '' });
  });

  test('to the host of several that serves', async () => {
    const hosts = `127.0.0.1:1,127.0.0.1:${plain?.port}`;
    expect(await migrate(`postgres://postgres@${hosts}/postgres`)).toMatchObject({ code: 0, err: '' });
    const writable = `postgres://postgres@${hosts}/postgres?target_session_attrs=read-write`;
    expect(await migrate(writable)).toMatchObject({ code: 0, err: '' });
  });
});

describe('says what to set', () => {
  test.each([
    ['localhost', '', /set sslmode=require, or verify-full with sslrootcert$/],
    ['localhost', '?sslmode=verify-full', /set sslrootcert to the file of the authority that signed the certificate$/],
    ['127.0.0.1', '?sslmode=verify-full&sslrootcert=AUTHORITY', /use a host name that the certificate names/],
    ['localhost', '?sslmode=verify-ca', /^DATABASE_URL: sslmode=verify-ca needs sslrootcert/],
    ['localhost', '?sslmode=verify-full&sslrootcert=/none.crt', /^DATABASE_URL: there is no file \/none.crt/],
    ['localhost', '?sslmode=sure', /^DATABASE_URL: sslmode is "sure"; wanted: disable, prefer, require/],
  ])('for %s%s', async (host, parameters, line) => {
    const { code, out, err } = await migrate(at(secure, host, parameters.replace('AUTHORITY', authority)));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trimEnd()).toMatch(line);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('where the server has no TLS', async () => {
    const { code, err } = await migrate(at(plain, '127.0.0.1', '?sslmode=require'));
    expect(code).toBe(1);
    expect(err).toMatch(/The server does not support SSL connections; switch TLS on there, or set sslmode=disable\n$/);
  });
});
