import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import type { Context } from '../context.js';
import { AppError } from '../errors.js';
import { createBuckets } from '../lib/buckets.js';
import type { Limits } from '../lib/limits.js';
import { createCostOf } from './cost.js';

const costHeader = 'X-Deskgraph-Cost';

/** What `extensions.cost` tells to whom asks for it. */
interface Spent {
  /** What the operation was taken for, in points. */
  requested: number;
  /** What the key can still spend at once. */
  remaining: number;
  /** What it gets back in a second. */
  restoreRate: number;
}

export interface Budget {
  /** Refuses operations that cost or nest too much, and keys that spend too fast. Nothing was executed then. */
  spend: Plugin<Context>;
  /** Adds `extensions.cost` to the answer of a request with the header X-Deskgraph-Cost. */
  tell: Plugin<Context>;
}

/** The budgets of keys, in this process. Two plugins, because an answer is kept without what it cost this time. */
export function createBudget(schema: GraphQLSchema, limits: Limits): Budget {
  const costOf = createCostOf(schema);
  const buckets = createBuckets();
  const spent = new WeakMap<Request, Spent>();

  const charge = (
    { document, operationName, variableValues }: ExecutionArgs,
    context: Context & YogaInitialContext,
  ) => {
    const { keyId, limits: own } = context.caller;
    const { points, depth } = costOf(document, operationName, variableValues ?? {});
    if (depth > limits.maxDepth) {
      throw tooMuch(
        `Fields nest ${depth} deep; at most ${limits.maxDepth} levels are allowed.`,
        depth,
        limits.maxDepth,
      );
    }
    const maxCost = own.maxCost ?? limits.maxCost;
    if (points > maxCost) {
      throw tooMuch(`The operation may cost ${points} points; at most ${maxCost} are allowed.`, points, maxCost);
    }
    const capacity = own.rateCapacity ?? limits.rateCapacity;
    const restore = own.rateRestore ?? limits.rateRestore;
    const { remaining, waitSeconds } = buckets.spend(keyId ?? 'operator', points, { capacity, restore });
    if (waitSeconds > 0) throw tooFast(Math.ceil(waitSeconds));
    if (context.request.headers.get(costHeader) !== null) {
      spent.set(context.request, { requested: points, remaining, restoreRate: restore });
    }
  };

  return {
    spend: {
      onExecute: ({ args, context }) => charge(args, context),
      onSubscribe: ({ args, context }) => charge(args as ExecutionArgs, context),
    },
    tell: {
      onExecutionResult({ request, result, setResult }) {
        const cost = spent.get(request);
        if (!cost || !result || Array.isArray(result) || Symbol.asyncIterator in result) return;
        setResult({ ...result, extensions: { ...result.extensions, cost } });
      },
    },
  };
}

const tooMuch = (message: string, requested: number, allowed: number): AppError =>
  new AppError('COST_LIMIT', message, { cost: { requested, allowed } });

const tooFast = (retryAfter: number): AppError =>
  new AppError('RATE_LIMITED', `This key spends its points too fast; try again in ${retryAfter} s.`, {
    retryable: true,
    retryAfter,
  });
