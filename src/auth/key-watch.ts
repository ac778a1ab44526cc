import { setMaxListeners } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { logFailure } from '../db/faults/faults.js';
import { AppError } from '../errors.js';
import type { Log } from '../lib/process/log.js';
import { type Authentication, heldAs, type Rights } from './authentication.js';
import type { Caller } from './caller.js';

/** Ends subscriptions and connections when their key is no longer valid or has lost a scope. */
export interface KeyWatch {
  /**
   * Watches the key of a caller. The signal aborts within a second: with UNAUTHENTICATED when the key ends; with
   * FORBIDDEN when the key loses a scope that the caller had, or when the restrictions on its use change. Added scopes
   * change nothing. `release` must be called when the signal is no longer needed.
   */
  watch(caller: Caller): { signal: AbortSignal; release(): void };
  close(): void;
}

interface Watched {
  caller: Caller;
  /** When the lifetime of its token ends, by `performance.now()`. */
  endsAt: number;
  controller: AbortController;
  holders: number;
}

const checkMs = 400;

export function keyWatch({ rightsOf }: Pick<Authentication, 'rightsOf'>, log: Log): KeyWatch {
  /** Keyed by credential and scopes, because callers that began with more scopes have more to lose. */
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
        // The place may have a newer entry in the meantime, which is checked next time.
        if (watched.get(place) === entry) watched.delete(place);
        entry.controller.abort(reason);
      }
      failing = false;
    } catch (error) {
      // The keys cannot be checked now. Without the database there are no events to send either.
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
      // Two tokens may have the same id.
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

/**
 * The error with which the work of a caller must end, given the current rights of its key; undefined when it may
 * continue.
 */
function endOf({ caller, endsAt }: Watched, held: Rights | undefined): AppError | undefined {
  const { token } = caller;
  // Checks both clocks, so that setting one back does not extend the token.
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

/** A controller for any number of listeners. Node warns of more than ten. */
function controllerOfMany(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
