import { setImmediate } from 'node:timers/promises';
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
const longestRestMs = 50;

/**
 * The minimum weight. The smallest operations spend their time on work that every operation needs, whatever it costs.
 */
const leastPoints = 130;

/** The weight of operations whose answers take milliseconds to write. */
const largePoints = 1_000;

/** Runs an operation when it is the turn of its workspace. */
export function operationTurns(budget: Pick<Budget, 'chargedFor'>) {
  const turns = createTurns(pointsUnderWay, { aloneAfterMs, longestRestMs });
  return <T>(context: Context & Received, work: () => T | Promise<T>): Promise<T> => {
    const weight = weightOf(context, budget.chargedFor(context));
    return turns.take(context.caller.workspaceId, weight, weight < largePoints ? work : () => inTwo(work));
  };
}

/** Lets the event loop turn between the work and what is done with its result: a large answer takes long to write. */
async function inTwo<T>(work: () => T | Promise<T>): Promise<T> {
  const result = await work();
  await setImmediate();
  return result;
}

/**
 * The weight of an operation in points: its charged cost, or its share of the time to read the request, whichever is
 * larger.
 */
export const weightOf = ({ bodyBytes = 0, batchSize = 1 }: Received, charged: number): number =>
  Math.max(leastPoints, charged, pointsToRead(bodyBytes / batchSize));
