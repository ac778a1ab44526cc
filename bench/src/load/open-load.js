// Requests at a constant rate, whether or not those before them were answered: what waits, waits within the measured time.
// autocannon's rates are none of this: a connection sends what a second allows it at once, and then pauses.
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** A request counts from when it was due, unless it is late by no more than what timers are. */
const timerMs = 2;
const answerTimeoutMs = 30_000;

/**
 * @param {import('./load-process.js').Job & { rate: number }} job `rate`: requests a second
 * @returns {Promise<{ times: number[], seconds: number, failures: number, late: number }>}
 */
export async function runAtRate({ origin, sequences, connections, seconds, rate }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  /** @type {number[]} */
  const times = [];
  let failures = 0;
  let late = 0;

  /** @param {import('../server/rival.js').Request} request @param {number} start */
  const ask = async (request, start) => {
    const succeeded = await isAnswered(agent, origin, request);
    times.push(performance.now() - start);
    if (!succeeded) failures += 1;
  };

  /** @type {Promise<void>[]} */
  const asked = [];
  const begin = performance.now();
  while (asked.length < seconds * rate) {
    const now = performance.now();
    for (let due = dueAt(begin, asked.length, rate); due <= now; due = dueAt(begin, asked.length, rate)) {
      const request = requestAt(sequences, asked.length);
      const isLate = now - due > timerMs;
      if (isLate) late += 1;
      asked.push(ask(request, isLate ? due : now));
    }
    await delay(1);
  }
  await Promise.all(asked);
  const length = (performance.now() - begin) / 1_000;
  agent.destroy();
  return { times, seconds: length, failures, late };
}

/** @param {number} begin @param {number} count @param {number} rate */
const dueAt = (begin, count, rate) => begin + (count * 1_000) / rate;

/**
 * The sequences in turn, each in its own order.
 * @param {import('../server/rival.js').Request[][]} sequences
 * @param {number} count
 */
function requestAt(sequences, count) {
  const sequence = sequences[count % sequences.length];
  const request = sequence?.[Math.floor(count / sequences.length) % sequence.length];
  if (!request) throw new Error('There is nothing to send');
  return request;
}

/**
 * @param {Agent} agent
 * @param {string} origin
 * @param {import('../server/rival.js').Request} request
 * @returns {Promise<boolean>} whether it was answered as it should be
 */
function isAnswered(agent, origin, { path, method, headers, body, status }) {
  return new Promise((resolve) => {
    const sent = httpRequest(origin + path, { agent, method, headers, timeout: answerTimeoutMs }, async (response) => {
      let text = '';
      response.setEncoding('utf8');
      try {
        for await (const chunk of response) text += chunk;
        resolve(response.statusCode === (status ?? 200) && !text.includes('"errors":'));
      } catch {
        resolve(false);
      }
    });
    sent.once('timeout', () => sent.destroy(new Error('No answer came')));
    sent.once('error', () => resolve(false));
    sent.end(body);
  });
}
