import { beforeAll, describe, expect, test } from 'vitest';
import { filled, longestAnswer, watchGateway } from './watched.js';

/** The largest bodies that entry points beside the graph and REST take, made to cost as much as can be. */

const gateway = watchGateway();
const megabyte = 1_024 * 1_024;
const uploadBytes = 24 * megabyte;
const form = { 'content-type': 'multipart/form-data; boundary=b' };

const part = (name: string, content = 'x', more = ''): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a.txt"\r\n${more}\r\n${content}\r\n`;

beforeAll(async () => {
  await gateway.post('/attachments', `${part('a')}--b--\r\n`, form);
  await gateway.post('/leaked-keys', '[]');
  await gateway.post('/graphql', '[{"query":"{ __typename }"}]');
});

describe('nobody waits for an upload of', () => {
  test.each<[string, () => string, number]>([
    ['one file of 24 MB', () => `${part('a', 'x'.repeat(uploadBytes))}--b--\r\n`, 201],
    ['hundreds of thousands of files', () => `${filled(part('a'), uploadBytes)}--b--\r\n`, 400],
    ['fields without content', () => filled('--b\r\n\r\n\r\n', uploadBytes), 400],
    ['ends without a beginning', () => filled('\r\n--b', uploadBytes), 400],
    ['a head without end', () => `--b\r\n${filled('a: b\r\n', uploadBytes)}`, 400],
    ['one header without end', () => `--b\r\nContent-Disposition: form-data; name="${'a'.repeat(uploadBytes)}`, 400],
    ['a form that has no parts', () => 'x'.repeat(uploadBytes), 400],
    ['dashes', () => '-'.repeat(uploadBytes), 400],
    ['line ends', () => filled('\r\n', uploadBytes), 400],
  ])('%s', async (_what, make, status) => {
    const body = make();
    const answer = await gateway.unblocked(() => gateway.post('/attachments', body, form));
    expect(answer.status).toBe(status);
    expect(answer.text.length).toBeLessThan(longestAnswer);
  });

  test('a name without end', async () => {
    const headers = { 'content-type': 'text/plain', 'content-disposition': `x; ${filled('filename*=', 14_000)}` };
    const { status } = await gateway.unblocked(() => gateway.post('/attachments', 'x', headers));
    expect(status).toBe(201);
  });
});

describe('nobody waits for a report of leaked keys of', () => {
  const room = 500_000;
  test.each([
    ['lists', `[${filled('[],', room)}[]]`],
    ['objects without a token', `[${filled('{},', room)}{}]`],
    ['a token of half a megabyte', `[{"token":"${'a'.repeat(room)}"}]`],
    ['nesting', `${filled('[', room / 2)}${filled(']', room / 2)}`],
    ['no end', filled('[{"token":"', room)],
  ])('%s', async (_what, body) => {
    const { status, text } = await gateway.unblocked(() => gateway.post('/leaked-keys', body));
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(longestAnswer);
  });
});

describe('nobody waits for a request whose URL has', () => {
  const longest = 15_000;
  test.each([
    ['a document of blanks', `/graphql?query=${filled('%20', longest)}`],
    ['a document of brackets', `/graphql?query=${filled('{', longest)}`],
    ['variables of lists', `/graphql?query={__typename}&variables={"a":${filled('[', 7_000)}${filled(']', 7_000)}}`],
    ['extensions of lists', `/graphql?query={__typename}&extensions=[${filled('[],', longest)}[]]`],
    ['a hash that is none', `/graphql?documentId=${filled('a', longest)}`],
    ['parameters', `/graphql?${filled('query=&', longest)}`],
    [
      'a link that nobody signed',
      `/attachments/wrk_1/att_1?expires=${filled('9', longest)}&signature=${filled('A', 100)}`,
    ],
  ])('%s', async (_what, path) => {
    const headers = { authorization: `Bearer ${gateway.story.desk.key}` };
    const status = await gateway.unblocked(async () => {
      const answer = await fetch(`${gateway.origin}${path}`, { headers });
      expect((await answer.text()).length).toBeLessThan(longestAnswer);
      return answer.status;
    });
    expect(status).toBeLessThan(500);
  });
});
