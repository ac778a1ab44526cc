import { beforeAll, describe, expect, test } from 'vitest';
import { bodyBytes, filled, longestAnswer, watchGateway } from './watched.js';

/** The largest bodies and URLs that the endpoints of the vendors take, made to cost as much as can be. */

const gateway = watchGateway();
const room = bodyBytes - 1_000;

const paths = {
  customers: () => '/v1/customers',
  contacts: () => `/v1/workspaces/${gateway.story.desk.workspaceId}/support/inbox/contacts`,
  conversations: () => `/v1/workspaces/${gateway.story.desk.workspaceId}/support/inbox/conversations`,
  linquid: () => '/customers',
  linquidApi: () => '/api/customers',
} as const;

beforeAll(async () => {
  for (const path of Object.values(paths)) {
    await gateway.post(path(), '{}');
    await gateway.post(path(), '{');
    await gateway.post(path(), '{"externalId":"warm","email":"warm@a.test","metadata":{"a":1}}');
  }
});

const members = (count: number, value: (place: number) => string): string =>
  Array.from({ length: count }, (_, place) => `"k${place}":${value(place)}`).join();

const bodies: [string, string][] = [
  ['200,000 members', `{${members(200_000, () => '0')}}`],
  ['49,000 members', `{${members(49_000, () => '0')}}`],
  ['members of one name', `{${filled('"externalId":0,', room)}"externalId":0}`],
  ['metadata with 200,000 keys', `{"externalId":"a","email":"a@b.test","metadata":{${members(200_000, () => '0')}}}`],
  ['metadata with 49,000 keys', `{"externalId":"a","email":0,"metadata":{${members(49_000, () => '0')}}}`],
  ['a million lists', `{"externalId":[${filled('[],', room)}[]]}`],
  ['lists in lists', `{"externalId":${filled('[', room / 2)}${filled(']', room / 2)}}`],
  ['objects in objects', `{"metadata":${filled('{"a":', room / 2)}0${filled('}', room / 6)}`],
  ['49,000 tags', `{"externalId":0,"email":0,"tags":[${filled('"",', 147_000)}""]}`],
  ['a name of 4 MB', `{"externalId":"${filled(' ', room)}","email":"${filled(' ', 400)}"}`],
  ['a NUL again and again', `{"externalId":"${filled('\\u0000', room)}"}`],
  ['an address of 4 MB', `{"email":"a@${filled('a.', room)}"}`],
  ['a key of 4 MB', `{"${filled('a', room)}":0}`],
  ['members of prototypes', `{${filled('"__proto__":{"a":1},', room)}"constructor":{"prototype":0}}`],
  ['no end', filled('{"externalId":"', room)],
  ['quotes', filled('"', room)],
  ['half a megabyte of digits', `{"externalId":${filled('1', 500_000)}}`],
];

/** A refusal in a few words. */
function expectRefused({ status, text }: { status: number; text: string }): void {
  expect({ status, text }).toEqual({
    status: expect.toSatisfy((code) => code >= 400 && code < 500),
    text: expect.toSatisfy(
      (answer) =>
        (answer.length < longestAnswer / 16 && 'message' in JSON.parse(answer)) || 'error' in JSON.parse(answer),
    ),
  });
}

describe.each(Object.entries(paths))('nobody waits for what is posted to %s:', (_name, path) => {
  test.each(bodies)('%s', async (_what, body) => {
    expect(body.length).toBeLessThanOrEqual(bodyBytes);
    expectRefused(await gateway.unblocked(() => gateway.post(path(), body)));
  });
});

const longest = 15_000;
const urls: [string, string][] = [
  ['one parameter again and again', filled('limit=1&', longest)],
  ['thousands of parameters', Array.from({ length: 1_500 }, (_, place) => `p${place}=${place}&`).join('')],
  ['a cursor', `cursor=${filled('Q', longest)}`],
  ['a limit', `limit=${filled('9', longest)}`],
  ['a search', `search=${filled('a+', longest)}`],
  ['percent signs', filled('%25%', longest)],
];

describe.each(['customers', 'contacts', 'conversations', 'linquid'] as const)(
  'nobody waits for a list of %s with',
  (name) => {
    test.each(urls)('%s', async (_what, query) => {
      const { status, text } = await gateway.unblocked(async () => {
        const headers = { authorization: `Bearer ${gateway.story.desk.key}` };
        const answer = await fetch(`${gateway.origin}${paths[name]()}?${query}`, { headers });
        return { status: answer.status, text: await answer.text() };
      });
      expect({ status, text }).toMatchObject({ status: expect.toSatisfy((code) => code < 500) });
      if (status >= 400) expect(text.length).toBeLessThan(longestAnswer);
    });
  },
);
