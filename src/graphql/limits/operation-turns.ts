import type { Context } from '../../context.js';
import { createTurns } from '../../lib/process/turns.js';
import type { Budget, Received } from './budget.js';
import { pointsToRead } from './document-turns.js';

/**
 * Workspaces that share the process take turns. Each may have only this many points in progress: two pages of an inbox.
 * A workspace that has been alone for a while may use the whole process.
 */
const pointsUnderWay = 400;
const aloneAfterMs = 1_000;

/**
 * The minimum weight. The smallest operations spend their time on work that every operation needs, whatever it costs.
 */
const leastPoints = 130;

/** Runs an operation when it is the turn of its workspace. */
export function operationTurns(budget: Pick<Budget, 'chargedFor'>) {
  const turns = createTurns(pointsUnderWay, { aloneAfterMs });
  return <T>(context: Context & Received, work: () => T | Promise<T>): Promise<T> =>
    turns.take(context.caller.workspaceId, weightOf(context, budget.chargedFor(context)), work);
}

/**
 * The weight of an operation in points: its charged cost, or its share of the time to read the request, whichever is
 * larger.
 */
export const weightOf = ({ bodyBytes = 0, batchSize = 1 }: Received, charged: number): number =>
  Math.max(leastPoints, charged, pointsToRead(bodyBytes / batchSize));
