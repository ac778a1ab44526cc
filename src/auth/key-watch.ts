import { setMaxListeners } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { logFailure } from '../db/faults/faults.js';
import { AppError } from '../errors.js';
import type { Log } from '../lib/process/log.js';
import { type Authentication, heldAs, type Rights } from './authentication.js';
import type { Caller } from './caller.js';

/** Ends what lasts longer than a request when its key stops being valid, or loses a scope. */
export interface KeyWatch {
  /**
   * A signal that aborts within a second of the key's end with UNAUTHENTICATED, and of the loss of a scope that the caller
   * had, or of a change of where and for what the key may be used, with FORBIDDEN; and what to call when it is not needed. A key that is given scopes goes on as it was.
   */
  watch(caller: Caller): { signal: AbortSignal; release(): void };
  close(): void;
}

interface Watched {
  caller: Caller;
  /** When its token has lasted for as long as it may, by `performance.now()`. */
  endsAt: number;
  controller: AbortController;
  holders: number;
}

const checkMs = 400;

export function keyWatch({ rightsOf }: Pick<Authentication, 'rightsOf'>, log: Log): KeyWatch {
  /** By what was sent and scopes: who began with more than another has more to lose. */
  const watched = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let failing = false;

  const check = async (): Promise<void> => {
    try {
      const entries = [...watched];
      const rights = await rightsOf(entries.map(([, { caller }]) => caller));
      for (const [place, entry] of entries) {
        const reason = endOf(entry, rights.get(heldAs(entry.caller)));
        if (!reason) continue;
        // Those who came meanwhile are others, whose turn it is next time.
        if (watched.get(place) === entry) watched.delete(place);
        entry.controller.abort(reason);
      }
      failing = false;
    } catch (error) {
      // Nothing is known of the keys then; and without the database there is nothing to tell either.
      if (!failing) logFailure(log, error, 'The keys of subscriptions could not be checked.', 'warn');
      failing = true;
    }
    schedule();
  };

  const schedule = (): void => {
    timer = watched.size > 0 ? setTimeout(() => void check(), checkMs) : undefined;
  };

  return {
    watch(caller) {
      // Two tokens may bear one id.
      const place = [heldAs(caller), caller.token?.expiresAt.getTime(), ...caller.scopes].join(' ');
      const leftMs = (caller.token?.expiresAt.getTime() ?? Number.POSITIVE_INFINITY) - Date.now();
      const endsAt = performance.now() + leftMs;
      const entry = watched.get(place) ?? { caller, endsAt, controller: controllerOfMany(), holders: 0 };
      entry.holders += 1;
      watched.set(place, entry);
      if (timer === undefined) schedule();
      return {
        signal: entry.controller.signal,
        release() {
          entry.holders -= 1;
          if (entry.holders === 0 && watched.get(place) === entry) watched.delete(place);
        },
      };
    },
    close() {
      clearTimeout(timer);
      watched.clear();
    },
  };
}

/** Why what the caller began cannot go on with a key that has these rights now, or is not valid; nothing when it can. */
function endOf({ caller, endsAt }: Watched, held: Rights | undefined): AppError | undefined {
  const { token } = caller;
  // By both clocks, so that it does not go on because one was put back.
  if (token && (token.expiresAt.getTime() <= Date.now() || endsAt <= performance.now()))
    return new AppError('UNAUTHENTICATED', 'This token has expired.');
  if (!held) return new AppError('UNAUTHENTICATED', 'This API key is not valid any more.');
  const requiredScope = [...caller.scopes].find((scope) => !held.scopes.has(scope));
  if (requiredScope !== undefined)
    return new AppError(
      'FORBIDDEN',
      `This API key has lost the scope ${requiredScope}; begin anew with what is left.`,
      {
        requiredScope,
      },
    );
  const isNarrowed = held.onlyTrustedDocuments && !caller.onlyTrustedDocuments;
  if (!isNarrowed && isDeepStrictEqual(held.places, caller.places)) return undefined;
  return new AppError('FORBIDDEN', 'What this API key may be used for has changed; begin anew.');
}

/** For any number of holders; Node warns of more than ten. */
function controllerOfMany(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
