import { beforeAll, describe, expect, test } from 'vitest';
import { multipart } from '../kit/mail.js';
import { filled, longestAnswer, type Outcome, watchGateway } from './watched.js';

/** The largest forms and wrappings of mails that files and mails may come in, made to cost as much as can be. */

const gateway = watchGateway();
const room = 25 * 1_024 * 1_024 - 1_000;
const file = (content: string, name = 'a.txt'): string =>
  `Content-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n${content}`;
const manyFiles = (): string => filled(`--b\r\n${file('x')}\r\n`, room);

const uploads: [string, string, () => string][] = [
  ['200,000 files', 'multipart/form-data; boundary=b', manyFiles],
  ['files behind another boundary', 'multipart/form-data; xboundary=c; boundary=b', manyFiles],
  ['files behind a boundary in quotes', 'multipart/form-data; a="boundary=c"; boundary=b', manyFiles],
  ['files behind an escaped boundary', 'multipart/form-data; boundary="\\b"', manyFiles],
  [
    'files behind an end that is none',
    'multipart/form-data; boundary=b',
    () => `--b\r\n${file('x--b--')}\r\n${manyFiles()}`,
  ],
  ['dashes', 'multipart/form-data; boundary=b', () => filled('--', room)],
  ['an empty boundary', 'multipart/form-data; boundary=""', () => filled('--\r\n', room)],
  ['lines that begin like a boundary', 'multipart/form-data; boundary=b', () => `--b\r\n${filled('\r\n--', room)}`],
  ['a long boundary', `multipart/form-data; boundary=${'b'.repeat(200)}`, () => filled('b', room)],
  [
    'heads of many lines',
    'multipart/form-data; boundary=b',
    () => multipart('b', ...Array.from({ length: 40 }, () => `${filled('X: y\r\n', 7_900)}${file('x')}`)),
  ],
];

describe('nobody waits for an upload that is refused:', () => {
  test.each(uploads)('%s', async (_what, type, make) => {
    const body = make();
    expectRefused(await gateway.unblocked(() => gateway.post('/attachments', body, { 'content-type': type })));
  });
});

const urlencoded = 'application/x-www-form-urlencoded';
const json = 'application/json';
const sns = (text: string): string => JSON.stringify({ Message: text });
const wrappings: [string, string, () => string][] = [
  ['escapes', urlencoded, () => `email=&message=${filled('%41', room)}`],
  ['plus signs', urlencoded, () => `message=${filled('+', room)}`],
  ['equals signs', urlencoded, () => filled('=', room)],
  ['fields', urlencoded, () => filled('a=b&', room)],
  ['empty fields', urlencoded, () => filled('&', room)],
  ['lists of JSON', json, () => `[${filled('[],', room)}0]`],
  ['objects of JSON', json, () => `{"email":[${filled('{},', room)}0]}`],
  ['members of JSON', json, () => `{${Array.from({ length: 1_000_000 }, (_, place) => `"k${place}":0`).join()}}`],
  ['nested JSON', json, () => `${filled('[', room / 2)}${filled(']', room / 2)}`],
  ['numbers of JSON', json, () => `[${filled('1.5,', room)}0]`],
  ['JSON in what comes through SNS', 'text/plain', () => sns(`[${filled('[],', room)}0]`)],
  ['JSON that is no mail', 'message/rfc822', () => `{"a":[${filled('[],', room)}0]}`],
  ['JSON of envelopes', urlencoded, () => `email=Subject: a&envelope=[${filled('[],', room)}0]`],
];

beforeAll(async () => {
  expectRefused(await gateway.post('/inbound/email', 'a=b', { 'content-type': urlencoded }));
});

describe('nobody waits for what should hold a mail, and the gateway lives on after', () => {
  test.each(wrappings)('%s', async (_what, type, make) => {
    const body = make();
    const outcome = await gateway.unblocked(() => gateway.post('/inbound/email', body, { 'content-type': type }));
    expectRefused(outcome);
    expect(outcome.text).not.toContain('too much time or memory');
  });
});

function expectRefused({ status, text }: Outcome): void {
  expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining('BAD_USER_INPUT') });
  expect(text.length).toBeLessThan(longestAnswer);
}
