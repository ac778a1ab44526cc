import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../../auth/caller.js';
import type { Context } from '../../context.js';
import type { Turns } from '../../lib/process/turns.js';
import type { Budget } from './budget.js';

/** Lets a caller's requests be read: their JSON, their variables and their documents. */
export interface DocumentTurns {
  /**
   * Resolves when it is the turn of the caller's workspace to have so many characters or bytes read.
   * @throws RATE_LIMITED when what the key sent before turned out to be all that it could pay for
   */
  wait(caller: Caller, length: number): Promise<void>;
  /** Waits before documents are parsed that come over HTTP. */
  plugin: Plugin<object, Context>;
}

/** Shorter texts are read so fast that they do not wait. */
const shortLength = 2_000;
/** To parse and validate 50,000 characters takes 6 ms, as an operation of so many points does. */
const lengthPerPoint = 40;

/** What it takes to read so many characters or bytes, in points of an operation. */
export const pointsToRead = (length: number): number => Math.ceil(length / lengthPerPoint);

/** Workspaces take turns with what is parsed and validated, whether it is executed then or refused. */
export function documentTurns(turns: Turns, budget: Pick<Budget, 'admit'>): DocumentTurns {
  const wait: DocumentTurns['wait'] = async (caller, length) => {
    if (length < shortLength) return;
    await turns.take(caller.workspaceId, pointsToRead(length), () => budget.admit(caller));
  };
  return {
    wait,
    plugin: {
      // Each document of a batch, and stored documents, which are longer than their requests. Other values than texts are refused later.
      onParams: ({ params: { query }, context }) =>
        typeof query === 'string' ? wait(context.caller, query.length) : undefined,
    },
  };
}
