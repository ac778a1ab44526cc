import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fromBench } from '../paths.js';
import { cpuMilliseconds, residentMemory } from '../server/process.js';

/**
 * @typedef {object} FanOut
 * @property {number[]} firstMs of each change, until the first subscriber was told
 * @property {number[]} lastMs until the last one was told
 * @property {number[]} sseMs of each change and subscriber over SSE
 * @property {number[]} webSocketMs of each change and subscriber over WebSocket
 * @property {number[]} answeredMs until who wrote had the answer
 * @property {number} cpuMs of the gateway for each change
 * @property {number} idleCpu of the gateway while nothing happens, as a share of one processor
 * @property {number} kibibytes of the gateway for each subscriber
 */

/** What the gateway gets to finish with those who have just subscribed. */
const settleMs = 1_000;
/** How long it is watched while nothing happens. */
const quietMs = 5_000;
/** How long a change may take to arrive. */
const patienceMs = 30_000;
/** Changes before those that count. */
const warming = 5;

const subscription = `
  subscription Inbox($filter: ConversationFilter) {
    conversationChanged(filter: $filter) {
      seq type matches
      conversation { id subject status unreadCount lastMessagePreview assignee { name } }
    }
  }`;

const startConversation = `
  mutation Start($input: StartConversationInput!) {
    startConversation(input: $input) { conversation { id } userErrors { message } }
  }`;

const addMessage = `
  mutation Say($input: AddMessageInput!) { addMessage(input: $input) { message { id } userErrors { message } } }`;

/**
 * @param {import('../server/server.js').RunningServer} server
 * @param {import('./desk.js').NewDesk} newDesk
 * @param {import('./options.js').EventOptions} options
 * @returns {Promise<FanOut>}
 */
export async function measureFanOut(server, newDesk, { sse, webSockets, events, everyMs }) {
  const desk = await newDesk('wrk_fanout');
  const started = await desk.run(startConversation, { input: { email: 'jane@example.com', text: 'Hello', direction: 'INBOUND' } });
  const conversationId = started.startConversation.conversation.id;

  const crowd = startCrowd();
  try {
    const before = residentMemory(server.pid);
    await crowd.connect({
      origin: server.origin,
      key: desk.key,
      query: subscription,
      variables: { filter: { status: { eq: 'OPEN' } } },
      sse,
      webSockets,
    });
    await delay(settleMs);
    const idleFrom = cpuMilliseconds(server.pid) ?? Number.NaN;
    await delay(quietMs);
    const idleCpu = ((cpuMilliseconds(server.pid) ?? Number.NaN) - idleFrom) / quietMs;

    /** @type {number[]} */
    const answeredMs = [];
    /** @type {number[]} by the number of the change */
    const begun = [];
    /** @param {number} from @param {number} count */
    const write = async (from, count) => {
      for (let number = from; number < from + count; number += 1) {
        const beganMs = now();
        begun[number] = beganMs;
        await desk.run(addMessage, { input: { conversationId, text: `Change ${number}`, direction: 'INBOUND' } });
        answeredMs.push(now() - beganMs);
        await delay(Math.max(0, beganMs + everyMs - now()));
      }
    };
    const expected = sse + webSockets;
    await write(0, warming);
    await crowd.arrivals(expected * warming);
    answeredMs.length = 0;
    const cpuBefore = cpuMilliseconds(server.pid) ?? Number.NaN;
    await write(warming, events);
    const arrivals = await crowd.arrivals(expected * events);
    const cpuMs = ((cpuMilliseconds(server.pid) ?? Number.NaN) - cpuBefore) / events;
    const after = residentMemory(server.pid);

    const order = [...new Set(arrivals.map(({ seq }) => seq))].sort((a, b) => a - b);
    if (order.length !== events) throw new Error(`Of ${events} changes ${order.length} were told`);
    const took = arrivals.map(({ seq, atMs, sse }) => ({ seq, sse, ms: atMs - (begun[warming + order.indexOf(seq)] ?? Number.NaN) }));
    const perChange = order.map((change) => took.filter(({ seq }) => seq === change).map(({ ms }) => ms));
    return {
      firstMs: perChange.map((times) => Math.min(...times)),
      lastMs: perChange.map((times) => Math.max(...times)),
      sseMs: took.filter((one) => one.sse).map(({ ms }) => ms),
      webSocketMs: took.filter((one) => !one.sse).map(({ ms }) => ms),
      answeredMs,
      cpuMs,
      idleCpu,
      kibibytes: (((after ?? Number.NaN) - (before ?? Number.NaN)) * 1024) / expected,
    };
  } finally {
    crowd.stop();
  }
}

/** The clock that all processes of the machine share. */
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

function startCrowd() {
  const child = fork(fromBench('src/events/subscribers.js'));
  const death = new AbortController();
  child.once('exit', () => death.abort());
  /** @param {object | string} message @returns {Promise<unknown>} */
  const ask = async (message) => {
    child.send(message);
    try {
      const [answer] = await once(child, 'message', { signal: death.signal });
      return answer;
    } catch (cause) {
      throw new Error('The subscribers died', { cause });
    }
  };
  return {
    /** @param {import('./subscribers.js').Crowd} whom */
    connect: (whom) => ask(whom),
    /**
     * What came since the last call, as soon as it is so much.
     * @param {number} count
     */
    arrivals: async (count) => {
      /** @type {import('./subscribers.js').Arrival[]} */
      const all = [];
      for (const deadline = now() + patienceMs; all.length < count; ) {
        const { arrivals } = /** @type {{ arrivals: typeof all }} */ (await ask('report'));
        all.push(...arrivals);
        if (now() > deadline) throw new Error(`Of ${count} arrivals there were ${all.length}`);
        await delay(100);
      }
      return all;
    },
    stop: () => child.kill(),
  };
}
