import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../../auth/caller.js';
import type { Context } from '../../context.js';
import type { Turns } from '../../lib/process/turns.js';
import type { Budget } from './budget.js';

/** Lets workspaces take turns when their requests are parsed: JSON, variables and documents. */
export interface DocumentTurns {
  /**
   * Resolves when it is the workspace's turn to parse this many characters or bytes.
   * @throws RATE_LIMITED if earlier requests have used up the points of the key in the meantime
   */
  wait(caller: Caller, length: number): Promise<void>;
  /** Waits before documents of HTTP requests are parsed. */
  plugin: Plugin<object, Context>;
}

/** Shorter texts are parsed so fast that they need not wait. */
const shortLength = 2_000;
/** Parsing and validating 50,000 characters takes 6 ms, as long as executing an operation of as many points. */
const lengthPerPoint = 40;

/** The time to parse this many characters or bytes, expressed in points. */
export const pointsToRead = (length: number): number => Math.ceil(length / lengthPerPoint);

/** Workspaces take turns with parsing and validation, also of requests that are refused afterwards. */
export function documentTurns(turns: Turns, budget: Pick<Budget, 'admit'>): DocumentTurns {
  const wait: DocumentTurns['wait'] = async (caller, length) => {
    if (length < shortLength) return;
    await turns.take(caller.workspaceId, pointsToRead(length), () => budget.admit(caller));
  };
  return {
    wait,
    plugin: {
      // Waits for each document of a batch, and for stored documents, which are longer than their requests. Queries
      // that are not strings are refused later.
      onParams: ({ params: { query }, context }) =>
        typeof query === 'string' ? wait(context.caller, query.length) : undefined,
    },
  };
}
