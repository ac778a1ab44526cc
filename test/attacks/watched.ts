import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import { openTestApp, type TestApp } from '../kit/app.js';
import { testConnection } from '../kit/connection.js';
import { type Story, tellStory } from '../kit/story.js';

/**
 * Attacks on a gateway in a process of its own, during which /health is asked again and again.
 *
 * The gateway must not go on with one thing for more than 100 ms, or nobody else is answered in that time. On a machine
 * with other things to do, a process waits for its turn longer than that through no fault of its own, so what is
 * measured is not the time on the clock: the gateway has a timer every 5 ms, and sees how much CPU time its thread used from
 * one tick to the next. No more than that can have passed in which it could have answered. As others on the same core also make
 * each piece of work take more CPU time, the gateway divides by how much longer than usual the same piece of work takes.
 */
export const mostBusyMs = 100;

/** Others are answered at each attack; how long they waited is what the gateway itself sees, so nothing is missed in between. */
const askedEveryMs = 20;

/** Others on the machine only ever add to a measure: what the work takes itself is in the least of these. */
const mostTries = 4;

/** What came of an attack. */
export interface Outcome {
  status: number;
  text: string;
}

export interface Watched {
  readonly origin: string;
  readonly testApp: TestApp;
  readonly story: Story;
  /** Does the work, more than once if need be, and expects that the gateway answered others meanwhile. */
  unblocked<T>(work: () => Promise<T>): Promise<T>;
  /** Posts a body with the key of the story. */
  post(path: string, body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Outcome>;
}

/** Starts the gateway before the tests of a file, with a story to attack, and ends it after them. */
export function watchGateway(): Watched {
  let child: ChildProcess;
  let origin: string;
  let testApp: TestApp;
  let story: Story;

  beforeAll(async () => {
    testApp = await openTestApp();
    story = await tellStory(testApp);
    child = fork(join(packageRoot, 'test/attacks/watched-gateway.mjs'));
    const told = once(child, 'message');
    child.send(testConnection());
    origin = String((await told)[0]);
  });
  afterAll(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await testApp.close();
  });

  const tell = async (asked: 'begin' | number): Promise<unknown> => {
    const told = once(child, 'message');
    child.send(asked);
    return (await told)[0];
  };

  const measured = async <T>(work: () => Promise<T>): Promise<{ result: T; busyMs: number }> => {
    await tell('begin');
    const over = new AbortController();
    const asking = (async () => {
      while (!over.signal.aborted) {
        expect((await fetch(`${origin}/health`)).status).toBe(200);
        await pause(askedEveryMs, undefined, over).catch(() => undefined);
      }
    })();
    const result = await work().finally(() => over.abort());
    await asking;
    return { result, busyMs: Number(await tell(mostBusyMs)) };
  };

  const unblocked = async <T>(work: () => Promise<T>): Promise<T> => {
    const tries: number[] = [];
    for (;;) {
      const { result, busyMs } = await measured(work);
      if (busyMs < mostBusyMs) return result;
      tries.push(busyMs);
      expect(tries.length, `busy for ${tries.join(', ')} ms`).toBeLessThan(mostTries);
    }
  };

  const post: Watched['post'] = async (path, body, headers = {}) => {
    const answer = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${story.desk.key}`, 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: answer.status, text: await answer.text() };
  };

  return {
    get origin() {
      return origin;
    },
    get testApp() {
      return testApp;
    },
    get story() {
      return story;
    },
    post,
    unblocked,
  };
}

/** What a client is told stays short, however much was wrong. */
export const longestAnswer = 16 * 1_024;
export const longestMessage = 500;

/** As much of the text as fits into so many characters, again and again. */
export const filled = (text: string, length: number): string => text.repeat(Math.floor(length / text.length));

export const bodyBytes = 4 * 1_024 * 1_024;
