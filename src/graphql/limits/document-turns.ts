import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../../auth/caller.js';
import type { Context } from '../../context.js';
import type { Turns } from '../../lib/process/turns.js';
import type { Budget } from './budget.js';

/** Lets a caller parse and validate a document. */
export interface DocumentTurns {
  /**
   * Resolves when it is the turn of the caller's workspace.
   * @throws RATE_LIMITED when what the key sent before turned out to be all that it could pay for
   */
  wait(caller: Caller, document: unknown): Promise<void>;
  /** Waits before documents are parsed that come over HTTP. */
  plugin: Plugin<object, Context>;
}

/** Is read in a moment: it waits for nobody. */
const shortLength = 2_000;
/** To parse and validate 50,000 characters takes 6 ms, as an operation of so many points does. */
const charactersPerPoint = 40;

/** Workspaces take turns with what is parsed and validated, whether it is executed then or refused. */
export function documentTurns(turns: Turns, budget: Pick<Budget, 'admit'>): DocumentTurns {
  const wait: DocumentTurns['wait'] = async (caller, document) => {
    if (typeof document !== 'string' || document.length < shortLength) return;
    const points = Math.ceil(document.length / charactersPerPoint);
    await turns.take(caller.workspaceId, points, () => budget.admit(caller));
  };
  return { wait, plugin: { onParams: ({ params, context }) => wait(context.caller, params.query) } };
}
