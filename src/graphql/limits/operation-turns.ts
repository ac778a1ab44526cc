import type { Context } from '../../context.js';
import { createTurns } from '../../lib/process/turns.js';
import type { Budget, Received } from './budget.js';
import { pointsToRead } from './document-turns.js';

/**
 * Workspaces that share the process take turns: of each only so many points are under way, two pages of an inbox. One that has
 * had the process to itself for a while may use all of it.
 */
const pointsUnderWay = 400;
const aloneAfterMs = 1_000;

/** The time of the smallest operations goes into what all of them take, whatever they cost. */
const leastPoints = 130;

/** Runs an operation when it is the turn of its workspace. */
export function operationTurns(budget: Pick<Budget, 'chargedFor'>) {
  const turns = createTurns(pointsUnderWay, { aloneAfterMs });
  return <T>(context: Context & Received, work: () => T | Promise<T>): Promise<T> =>
    turns.take(context.caller.workspaceId, weightOf(context, budget.chargedFor(context)), work);
}

/** The weight of an operation in points: what it was charged, or its share of the time that reading its request took. */
export const weightOf = ({ bodyBytes = 0, batchSize = 1 }: Received, charged: number): number =>
  Math.max(leastPoints, charged, pointsToRead(bodyBytes / batchSize));
