import { beforeAll, describe, expect, test, vi } from 'vitest';
import { safeHtml } from '../../src/lib/text/safe-html.js';
import { parseMail } from '../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { partsOf } from '../../src/modules/email/inbound/reading/inbound-email.parts.js';
import { mail, multipart } from '../kit/mail.js';
import { filled, longestAnswer, watchGateway } from './watched.js';

/** Mails that are made to take time: in the gateway nobody waits for them, and the thread that reads them is soon done. */

const gateway = watchGateway();
const megabyte = 1_024 * 1_024;
const html = (body: string): string => mail({ 'Content-Type': 'text/html' }, body);
const flowed = (line: string): string =>
  mail({ 'Content-Type': 'text/plain; format=flowed' }, filled(line, 18 * megabyte));
const base64 = { 'Content-Transfer-Encoding': 'base64' };
const uuencode = { 'Content-Type': 'application/pdf', 'Content-Transfer-Encoding': 'x-uuencode' };
const list = (length: number, text: (place: number) => string): string =>
  Array.from({ length }, (_, place) => text(place)).join(' ');

const mails: [string, () => string][] = [
  ['30,000 nested paragraphs', () => html(filled('<div><p>', 240_000))],
  ['nested lists', () => html(filled('<ul><li>x', 240_000))],
  ['nested tables', () => html(filled('<table><tr><td>x', 240_000))],
  ['elements nobody closes', () => html(filled('<b>x', 390_000))],
  ['a tag with 44,000 attributes', () => html(`<p ${list(44_000, (place) => `a${place}`)}>`)],
  ['ends of elements nobody began', () => html(`${filled('<b>', 30_000)}${filled('</i>', 36_000)}`)],
  ['characters to escape', () => html(filled('&', 390_000))],
  ['18 MB of flowed text', () => flowed(`${'a'.repeat(70)} \r\n`)],
  ['18 MB of quoted flowed text', () => flowed(`> ${'a'.repeat(70)} \r\n`)],
  ['24 MB of text in one line', () => mail({}, filled('a', 24 * megabyte))],
  ['24 MB of text', () => mail({}, filled(`${'a'.repeat(70)}\r\n`, 24 * megabyte))],
  [
    '100,000 parts',
    () =>
      mail(
        { 'Content-Type': 'multipart/mixed; boundary=b' },
        filled(`--b\r\n\r\n${'x'.repeat(200)}\r\n`, 20 * megabyte),
      ),
  ],
  [
    'padding without end',
    () => mail({ 'Content-Type': 'application/pdf', ...base64 }, `${filled('=', 18 * megabyte)}x`),
  ],
  ['a text that is padding without end', () => mail(base64, `${filled('=', 2 * megabyte)}x`)],
  ['addresses', () => mail({ Cc: filled('g:a@b.test;, ', 500_000) })],
  ['a comment among addresses that nobody closes', () => mail({ Cc: `(${filled('a', 280_000)}@ ` })],
  ['a uuencoded line of 20 MB', () => mail(uuencode, `begin 644 x\r\n${filled('_', 20 * megabyte)}`)],
  ['uuencoded lines that say they are long', () => mail(uuencode, `begin 644 x\n${filled('_\n', 4 * megabyte)}`)],
  ['quotes among addresses', () => mail({ Cc: filled('"a', 500_000) })],
  ['references', () => mail({ References: filled('<a@b> ', 500_000) })],
  ['encoded words', () => mail({ Subject: filled('=?utf-8?B?QUFB?= ', 500_000) })],
  ['parameters', () => mail({ 'Content-Type': `text/plain; ${filled('a=b; ', 500_000)}` })],
  ['a reference that is no id', () => mail({ References: filled('a', 500_000) })],
  ['words of a mail server in one line', () => mail({ From: 'MAILER-DAEMON@a.test' }, filled('-', 20_000))],
  ['enriched text', () => mail({ 'Content-Type': 'text/enriched' }, filled('<param><<', 2 * megabyte))],
  ['a multipart without a boundary', () => mail({ 'Content-Type': 'multipart/mixed' }, filled('--a\r\n', 600_000))],
  [
    'nested multiparts of one boundary',
    () => filled(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--c\r\n'.repeat(100)}--b\r\n`, 450_000),
  ],
  ['boundaries', () => mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, filled('--bx\r\n', 600_000))],
];

beforeAll(async () => {
  await gateway.post('/inbound/email', html('<p>Hello</p>'), { 'content-type': 'message/rfc822' });
});

let count = 0;

describe('a mail takes up nobody but who reads it:', () => {
  test.each(mails)('%s', async (_what, make) => {
    const raw = make();
    const headers = { 'content-type': 'message/rfc822' };
    const { status, text } = await gateway.unblocked(() => {
      count += 1;
      const own = raw.replace('<1@example.com>', `<attack${count}@example.com>`);
      return gateway.post('/inbound/email', own, headers);
    });
    expect([201, 400], text.slice(0, 500)).toContain(status);
    expect(text.length).toBeLessThan(longestAnswer);
  });

  test('and neither do texts of which every line may stand above a quote', async () => {
    const { operator } = gateway.story.desk;
    const { conversations, messages } = gateway.testApp.services;
    const text = filled('on 1 x\n', 98_000);
    const direction = 'INBOUND' as const;
    const { conversation } = await conversations.start(operator, { email: 'lines@example.com', text, direction });
    for (let count = 0; count < 14; count += 1) {
      await messages.add(operator, { conversationId: conversation.id, text, direction });
    }
    const query = `{ conversation(id: "${conversation.id}") { messages(first: 15) { nodes { textWithoutQuote } } } }`;
    const { text: answer } = await gateway.unblocked(() => gateway.post('/graphql', JSON.stringify({ query })));
    expect(JSON.parse(answer).data.conversation.messages.nodes).toHaveLength(15);
  });

  test('and neither does to show them', async () => {
    const query = '{ conversations(first: 100) { nodes { messages(first: 10) { nodes { html } } } } }';
    const { text } = await gateway.unblocked(() => gateway.post('/graphql', JSON.stringify({ query })));
    expect(JSON.parse(text).errors).toBeUndefined();
  });
});

/** A few times as much as it takes on a slow machine, and a part of what it took when all was decoded and then cut. */
const mostReadingMs = 2_000;

describe('a mail is read in little time:', () => {
  test.each(mails)('%s', async (_what, make) => {
    const raw = Buffer.from(make());
    let least = Number.POSITIVE_INFINITY;
    // The least of some: what else the process does meanwhile, such as collecting what others have left, counts as well.
    for (let attempt = 0; attempt < 3 && least > mostReadingMs; attempt += 1) {
      const before = process.cpuUsage();
      await parseMail(raw).catch(() => undefined);
      least = Math.min(least, process.cpuUsage(before).user / 1_000);
    }
    expect(least).toBeLessThan(mostReadingMs);
  });
});

test('of lines of dashes alone no pieces and no texts are made, however many there are', () => {
  const made = (lines: number): number => {
    const raw = Buffer.from(mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, '--\r\n'.repeat(lines)));
    const spies = [vi.spyOn(Buffer.prototype, 'subarray'), vi.spyOn(Buffer.prototype, 'toString')];
    partsOf(raw);
    const calls = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    for (const spy of spies) spy.mockRestore();
    return calls;
  };
  expect(made(20_000)).toBe(made(10_000));
});

test('of a long text, the beginning is kept, and the files behind it', async () => {
  const parts = multipart(
    'b',
    `Content-Type: text/plain\r\n\r\n${filled('word\r\n', 4 * megabyte)}`,
    `Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n${filled('1;2\r\n', 4 * megabyte)}`,
  );
  const raw = Buffer.from(mail({ 'Content-Type': 'multipart/mixed; boundary="b"' }, parts));
  const { text, isTruncated, attachments } = await parseMail(raw);
  expect(isTruncated).toBe(true);
  expect(text.startsWith('word\nword')).toBe(true);
  expect(text).toHaveLength(100_000);
  expect(attachments).toEqual([expect.objectContaining({ fileName: 'a.csv' })]);
  expect(attachments[0]?.sizeBytes).toBeGreaterThan(3 * megabyte);
});

test.each([
  ['attributes', 200, (count: number) => `<p ${list(count, (place) => `a${place}`)}>Hi</p>`],
  ['tags', 20_000, (count: number) => '<br>'.repeat(count)],
])('HTML is shown with as many %s as anybody writes, and with no more', (_what, most, make) => {
  expect(safeHtml(make(most))).not.toBeNull();
  expect(safeHtml(make(most + 1))).toBeNull();
});

test('HTML is shown as deep as anybody writes it, and what lies deeper is cut off', () => {
  const nested = (depth: number): string => `${'<b>'.repeat(depth)}Hi${'</b>'.repeat(depth)}`;
  expect(safeHtml(nested(500))).toBe(nested(500));
  expect(safeHtml(`<p>Hello</p>${nested(9_000)}`)).toBe(`<p>Hello</p>${nested(501).replace('Hi', '')}`);
});
