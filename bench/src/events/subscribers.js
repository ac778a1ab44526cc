// The subscribers: a process of their own, which notes when each is told of what.
import { request } from 'node:http';
import WebSocket from 'ws';

/**
 * @typedef {object} Crowd whom to be
 * @property {string} origin
 * @property {string} key
 * @property {string} query
 * @property {Record<string, unknown>} variables
 * @property {number} sse
 * @property {number} webSockets
 *
 * @typedef {{ seq: number, sse: boolean, atMs: number }} Arrival one subscriber was told of one change
 * @typedef {'ready' | { arrivals: Arrival[] }} Message
 */

/** How many connect at a time. */
const batch = 50;

/** @type {Arrival[]} */
let arrivals = [];

process.on('message', async (message) => {
  if (message === 'report') {
    tell({ arrivals });
    arrivals = [];
    return;
  }
  const crowd = /** @type {Crowd} */ (message);
  await connectAll(crowd.sse, () => overSse(crowd));
  await connectAll(crowd.webSockets, () => overWebSocket(crowd));
  tell('ready');
});

/** @param {Message} message */
const tell = (message) => void process.send?.(message);

/** The clock that all processes of the machine share. */
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

/** @param {number} count @param {() => Promise<void>} connect */
async function connectAll(count, connect) {
  for (let open = 0; open < count; open += batch) {
    await Promise.all(Array.from({ length: Math.min(batch, count - open) }, connect));
  }
}

/** @param {string} text @param {boolean} sse */
function note(text, sse) {
  const atMs = now();
  if (text.includes('"errors":')) throw new Error(`A subscriber was told ${text}`);
  // By their place in the outbox: what a conversation shows may be of a later change already.
  for (const [, seq] of text.matchAll(/"seq":"?(\d+)/g)) arrivals.push({ seq: Number(seq), sse, atMs });
}

/** @param {Crowd} crowd @returns {Promise<void>} */
function overSse({ origin, key, query, variables }) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' };
    const subscribing = request(`${origin}/graphql`, { method: 'POST', agent: false, headers });
    subscribing.once('error', reject);
    subscribing.once('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`A subscription was answered ${response.statusCode}`));
      response.setEncoding('utf8');
      response.once('data', () => resolve());
      response.on('data', (text) => note(text, true));
      response.once('end', () => reject(new Error('A subscription ended')));
    });
    subscribing.end(JSON.stringify({ query, variables }));
  });
}

/** @param {Crowd} crowd @returns {Promise<void>} */
function overWebSocket({ origin, key, query, variables }) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
    /** @param {object} message */
    const say = (message) => socket.send(JSON.stringify(message));
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`A connection was closed with ${code}`)));
    socket.once('open', () => say({ type: 'connection_init', payload: { Authorization: `Bearer ${key}` } }));
    socket.on('message', (data) => {
      const text = String(data);
      if (text.startsWith('{"type":"connection_ack"')) {
        say({ id: '1', type: 'subscribe', payload: { query, variables } });
        // Answered in order: what is subscribed before is open when this is.
        say({ type: 'ping' });
      } else if (text.startsWith('{"type":"pong"')) resolve();
      else note(text, false);
    });
  });
}
