import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { bodyBytes, filled, longestMessage, watchGateway } from './watched.js';

/** The largest messages that a WebSocket takes, made to cost as much as can be. */

const gateway = watchGateway();
const room = bodyBytes - 1_000;

interface StreamedEvent {
  type: string;
  id?: string;
  payload?: { message: string; extensions?: { code?: unknown } }[];
}

/** A connection with a key, and what comes of one message on it: an answer, or the code that it is closed with. */
const send = (message: string, withKey = true): Promise<StreamedEvent | number> =>
  gateway.unblocked(() => sendOnce(message, withKey));

async function sendOnce(message: string, withKey: boolean): Promise<StreamedEvent | number> {
  const socket = new WebSocket(`${gateway.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  if (withKey) {
    const payload = { Authorization: `Bearer ${gateway.story.desk.key}` };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    await once(socket, 'message');
  }
  socket.send(message);
  const told = await Promise.race([
    once(socket, 'message').then(([data]): StreamedEvent => JSON.parse(String(data))),
    once(socket, 'close').then(([code]) => Number(code)),
  ]);
  socket.terminate();
  return told;
}

const subscribe = (payload: string, id = '1'): string => `{"type":"subscribe","id":"${id}","payload":${payload}}`;
const members = (count: number): string => Array.from({ length: count }, (_, place) => `"k${place}":0`).join();
const count = 'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }';
const asked = (variables: string): string => subscribe(`{"query":"${count}","variables":${variables}}`);

const answered: [string, string][] = [
  ['49,000 zeros for filters', asked(`{"f":{"or":[${filled('0,', 98_000)}0]}}`)],
  ['unknown fields', asked(`{"f":{${members(49_000)}}}`)],
  ['a name of 4 MB', asked(`{"f":{"${filled('a', room)}":0}}`)],
  ['nesting', asked(`{"f":${filled('{"not":', 231)}{}${filled('}', 33)}}`)],
  ['a document of blank lines', subscribe(`{"query":"${filled('\\n', room)}{ nothing }"}`)],
  ['a document of comments', subscribe(`{"query":"${filled('#\\n', room)}{ nothing }"}`)],
  ['a field of 4 MB', subscribe(`{"query":"{ ${filled('a', room)} }"}`)],
  [
    'a subscription with bad variables',
    subscribe(
      `{"query":"subscription ($f: ConversationFilter) { conversationChanged(filter: $f) { seq } }","variables":{"f":{"or":[${filled('0,', 98_000)}0]}}}`,
    ),
  ],
];

describe('nobody waits for an operation over WebSocket that is refused:', () => {
  test.each(answered)('%s', async (_what, message) => {
    expect(message.length).toBeLessThanOrEqual(bodyBytes);
    const told = await send(message);
    expect(told).toMatchObject({ type: expect.stringMatching(/^(error|next)$/), id: '1' });
    const { payload = [] } = told as StreamedEvent;
    const errors = Array.isArray(payload) ? payload : ((payload as { errors: typeof payload }).errors ?? []);
    expect(errors.length).toBeGreaterThan(0);
    for (const { message: words, extensions } of errors) {
      expect(words.length).toBeLessThan(longestMessage);
      expect(extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
    }
  });
});

const closing: [string, number, string][] = [
  ['a million zeros for filters', 1009, asked(`{"f":{"or":[${filled('0,', room - 1_000)}0]}}`)],
  ['a million empty filters', 1009, asked(`{"f":{"or":[${filled('{},', room - 1_000)}{}]}}`)],
  ['300,000 members', 1009, subscribe(`{"query":"{ nothing }",${members(300_000)}}`)],
  ['lists in lists', 1009, asked(`{"f":${filled('[', room / 2 - 200)}${filled(']', room / 2 - 200)}}`)],
  ['a ping that says much', 1009, `{"type":"ping","payload":[${filled('{},', room)}{}]}`],
  ['no end', 1009, filled('{"type":"', room)],
  ['a type of 4 MB', 4400, `{"type":"${filled('a', room)}"}`],
  ['blanks', 4400, filled(' ', room)],
];

describe('a connection is closed, and nobody waits, after', () => {
  test.each(closing)('%s', async (_what, code, message) => {
    expect(await send(message)).toBe(code);
  });
  // From whom nobody knows, no message of that length is taken, whatever it says.
  test.each(closing)('%s, from nobody known', async (_what, _code, message) => {
    expect(await send(message, false)).toBe(1009);
  });
  test('a greeting that says much', async () => {
    expect(await send(`{"type":"connection_init","payload":{${members(300_000)}}}`, false)).toBe(1009);
  });
});
