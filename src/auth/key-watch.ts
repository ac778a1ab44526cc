import { setMaxListeners } from 'node:events';
import { AppError } from '../errors.js';
import type { Log } from '../lib/process/log.js';
import type { Authentication } from './authentication.js';
import type { Caller } from './caller.js';

/** Ends what lasts longer than a request when its key stops being valid. */
export interface KeyWatch {
  /** A signal that aborts with UNAUTHENTICATED within a second of the key's end, and what to call when it is not needed. */
  watch(caller: Caller): { signal: AbortSignal; release(): void };
  close(): void;
}

interface Watched {
  caller: Caller;
  controller: AbortController;
  holders: number;
}

const checkMs = 400;

export function keyWatch({ validOf }: Pick<Authentication, 'validOf'>, log: Log): KeyWatch {
  const watched = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let failing = false;

  const check = async (): Promise<void> => {
    try {
      const entries = [...watched];
      const valid = await validOf(entries.map(([, { caller }]) => caller));
      for (const [keyId, entry] of entries) {
        if (valid.has(keyId)) continue;
        // Those who came meanwhile are others, whose turn it is next time.
        if (watched.get(keyId) === entry) watched.delete(keyId);
        entry.controller.abort(new AppError('UNAUTHENTICATED', 'This API key is not valid any more.'));
      }
      failing = false;
    } catch (error) {
      // Nothing is known of the keys then; and without the database there is nothing to tell either.
      if (!failing) log.warn({ err: error }, 'The keys of subscriptions could not be checked.');
      failing = true;
    }
    schedule();
  };

  const schedule = (): void => {
    timer = watched.size > 0 ? setTimeout(() => void check(), checkMs) : undefined;
  };

  return {
    watch(caller) {
      const keyId = caller.keyId ?? '';
      const entry = watched.get(keyId) ?? { caller, controller: controllerOfMany(), holders: 0 };
      entry.holders += 1;
      watched.set(keyId, entry);
      if (timer === undefined) schedule();
      return {
        signal: entry.controller.signal,
        release() {
          entry.holders -= 1;
          if (entry.holders === 0 && watched.get(keyId) === entry) watched.delete(keyId);
        },
      };
    },
    close() {
      clearTimeout(timer);
      watched.clear();
    },
  };
}

/** For any number of holders; Node warns of more than ten. */
function controllerOfMany(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
