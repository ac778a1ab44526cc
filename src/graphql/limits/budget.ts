import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import type { Caller } from '../../auth/caller.js';
import type { Context } from '../../context.js';
import { AppError, type ErrorCode, type ErrorDetails } from '../../errors.js';
import { type BucketSize, createBuckets } from '../../lib/http/buckets.js';
import type { Limits } from '../../lib/http/limits.js';
import type { Outflow, Outlet } from '../../lib/http/outflow.js';
import { rateLimited } from '../../lib/observe/meters.js';
import { noteCost } from '../../lib/observe/request.js';
import { type Cost, createCostOf } from './cost.js';

/** Facts about a request other than its operation. */
export interface Received {
  /** The size of the body in bytes, once it was read. */
  bodyBytes?: number;
  /** The number of operations in a batch; absent for a single operation. */
  batchSize?: number;
  /** The connection that sends the response; absent for calls within the process. */
  outlet?: Outlet;
}

/**
 * The cost of a refused request: as much as a write, plus a share of its size, up to the cost of the largest operation.
 */
const refusedPoints = 10;
const bytesPerPoint = 100;
/** Documents up to this length, such as those written by hand, are parsed quickly and are not charged. */
const freeCharacters = 2_000;

/** Requests that are refused with these codes may be repeated unchanged, so they are not charged. */
const notTheFault: readonly unknown[] = [
  'IDEMPOTENCY_KEY_IN_USE',
  'INTERNAL_SERVER_ERROR',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'UNAVAILABLE',
] satisfies (ErrorCode | 'INTERNAL_SERVER_ERROR')[];

/** How long an event waits until its key has enough points. Then the subscription ends. */
const eventPatienceMs = 10_000;

/** The request header that asks for `extensions.cost`. */
export const costHeader = 'X-Deskgraph-Cost';

/** The content of `extensions.cost`. */
interface ToldCost {
  /** The cost that was computed before execution, in points. */
  requested: number;
  /** The cost of the response, which is lower if lists were shorter than their pages. */
  actual: number;
  /** The points that the key has left. */
  remaining: number;
  /** The points that the key regains per second. */
  restoreRate: number;
}

/**
 * The rate limit of a key, in points: its capacity, the rest of it, the seconds until it is full again, and the seconds
 * from empty to full.
 */
export interface Rate {
  limit: number;
  remaining: number;
  resetSeconds: number;
  windowSeconds: number;
}

/** The caller's properties that the budget needs. */
type Spender = Pick<Caller, 'keyId' | 'limits'>;

/** The points spent on a request before it ran. */
interface Spent {
  cost: Cost;
  bucket: string;
  size: BucketSize;
  remaining: number;
  /** Whether it is a query. A query may be refused even after execution, because it has changed nothing. */
  isQuery: boolean;
}

export interface Budget {
  /**
   * Called before anything of the request is read.
   * @throws RATE_LIMITED if the key has no points left, or does not read its responses.
   */
  admit(spender: Spender): void;
  /** The rate limit of a key and what is left of it, in points. */
  rateOf(spender: Spender): Rate;
  /** The maximum cost of an operation, in points. */
  pointsOf(args: ExecutionArgs): number;
  /** The points charged for the operation with this context. */
  chargedFor(context: object): number;
  /**
   * Charges for the execution of a subscription event, and waits until the key has enough points. Returns a function
   * that gives the points back if the execution is skipped.
   * @throws RATE_LIMITED when the wait would be too long; the reason of `signal` when it fires first.
   */
  spendForEvent(spender: Spender, points: number, signal?: AbortSignal): Promise<() => void>;
  /** Gives back the difference between the estimated and the actual cost of an event. */
  settleEvent(spender: Spender, args: ExecutionArgs, result: ExecutionResult): void;
  /**
   * Charges for a document of this length that was not in the cache, because parsing takes time even if the operation
   * is cheap.
   */
  chargeDocument(spender: Spender, characters: number): void;
  /** Charges for a refused request of this size. */
  chargeRefused(spender: Spender, bytes: number): void;
  /** Does the same if the result says that nothing was executed through a fault of the client. */
  chargeWhenRefused(spender: Spender, result: ExecutionResult, bytes: number): void;
  /** Admits HTTP requests, and charges for refused ones. */
  refusals: Plugin<Context, Partial<Context> & Received>;
  /** Refuses operations that cost or nest too much, and keys without points. Nothing has been executed then. */
  spend: Plugin<Context>;
  /** Gives back the unused points, and adds `extensions.cost` if the request has the header X-Deskgraph-Cost. */
  settle: Plugin<Context>;
}

/**
 * The budgets of keys in this process. `spend` and `settle` are two plugins because a stored idempotent response must
 * not contain its cost.
 */
export function createBudget(schema: GraphQLSchema, limits: Limits, outflow?: Outflow): Budget {
  const costOf = createCostOf(schema);
  const buckets = createBuckets();
  /** Keyed by the context of the operation, because a request can have several operations. */
  const spent = new WeakMap<object, Spent>();

  const bucketOf = ({ keyId }: Spender): string => keyId ?? 'operator';
  const sizeOf = ({ limits: own }: Spender): BucketSize => ({
    capacity: own.rateCapacity ?? limits.rateCapacity,
    restore: own.rateRestore ?? limits.rateRestore,
  });

  const admit = (spender: Spender): void => {
    if (outflow?.isFull(bucketOf(spender))) throw unread();
    const waitSeconds = buckets.waitSeconds(bucketOf(spender), sizeOf(spender));
    if (waitSeconds > 0) throw tooFast(Math.ceil(waitSeconds));
  };

  const chargeDocument = (spender: Spender, characters: number): void => {
    if (characters < freeCharacters) return;
    const size = sizeOf(spender);
    // At most half of the capacity, so that a document too long for the cache can still run if the key has saved enough
    // points.
    const points = Math.min(Math.ceil(characters / bytesPerPoint), limits.maxCost, Math.floor(size.capacity / 2));
    buckets.take(bucketOf(spender), points, size);
  };

  const chargeRefused = (spender: Spender, bytes: number): void => {
    const points = Math.min(refusedPoints + Math.ceil(bytes / bytesPerPoint), limits.maxCost);
    buckets.take(bucketOf(spender), points, sizeOf(spender));
  };

  const chargeWhenRefused = (spender: Spender, { data, errors }: ExecutionResult, bytes: number): void => {
    const code = errors?.[0]?.extensions.code;
    if (errors && data === undefined && !notTheFault.includes(code)) chargeRefused(spender, bytes);
  };

  const costOfArgs = ({ document, operationName, variableValues }: ExecutionArgs): Cost =>
    costOf(document, operationName, variableValues ?? {});

  const spendForEvent: Budget['spendForEvent'] = async (spender, points, signal) => {
    const size = sizeOf(spender);
    const until = performance.now() + eventPatienceMs;
    for (;;) {
      const { waitSeconds } = buckets.spend(bucketOf(spender), points, size);
      if (waitSeconds <= 0) return () => buckets.giveBack(bucketOf(spender), Math.min(points, size.capacity), size);
      if (performance.now() + waitSeconds * 1_000 > until) throw tooFastForEvents(Math.ceil(waitSeconds));
      await sleep(Math.ceil(waitSeconds * 1_000), undefined, signal && { signal }).catch(() =>
        signal?.throwIfAborted(),
      );
    }
  };

  const charge = (args: ExecutionArgs, context: Context & YogaInitialContext) => {
    const { caller } = context;
    const cost = costOfArgs(args);
    const { points, depth } = cost;
    noteCost(points);
    if (depth > limits.maxDepth) {
      throw tooMuch(
        `Fields nest ${depth} deep; at most ${limits.maxDepth} levels are allowed.`,
        depth,
        limits.maxDepth,
      );
    }
    const maxCost = caller.limits.maxCost ?? limits.maxCost;
    if (points > maxCost) {
      throw tooMuch(`The operation may cost ${points} points; at most ${maxCost} are allowed.`, points, maxCost);
    }
    const size = sizeOf(caller);
    const bucket = bucketOf(caller);
    const { remaining, waitSeconds } = buckets.spend(bucket, points, size);
    if (waitSeconds > 0) throw tooFast(Math.ceil(waitSeconds));
    const isQuery = getOperationAST(args.document, args.operationName)?.operation === 'query';
    spent.set(context, { cost, bucket, size, remaining, isQuery });
  };

  /** A response with errors gets nothing back, because lists that were read may be missing in it. */
  const settle = (
    { cost, bucket, size, remaining = 0 }: Pick<Spent, 'cost' | 'bucket' | 'size'> & Partial<Spent>,
    { data, errors }: ExecutionResult,
  ): ToldCost => {
    const { points: requested, actualOf } = cost;
    const told = { requested, actual: requested, remaining, restoreRate: size.restore };
    if (!actualOf || !data || errors) return told;
    const actual = actualOf(data);
    return { ...told, actual, remaining: buckets.giveBack(bucket, excessOf(requested, actual, size), size) };
  };

  return {
    admit,
    rateOf(spender) {
      const size = sizeOf(spender);
      const { remaining, fullSeconds } = buckets.look(bucketOf(spender), size);
      const { capacity: limit, restore } = size;
      return { limit, remaining, resetSeconds: fullSeconds, windowSeconds: limit / restore };
    },
    pointsOf: (args) => costOfArgs(args).points,
    chargedFor: (context) => spent.get(context)?.cost.points ?? 0,
    spendForEvent,
    settleEvent(spender, args, result) {
      settle({ cost: costOfArgs(args), bucket: bucketOf(spender), size: sizeOf(spender) }, result);
    },
    chargeDocument,
    chargeRefused,
    chargeWhenRefused,
    refusals: {
      onRequestParse({ serverContext: { caller } }) {
        if (caller) admit(caller);
      },
      onResultProcess({ result, serverContext: { caller, bodyBytes = 0 } }) {
        const results = Array.isArray(result) ? result : [result];
        // Each of a batch by its share of the body.
        const bytes = Math.ceil(bodyBytes / results.length);
        if (caller) for (const one of results) if ('errors' in one) chargeWhenRefused(caller, one, bytes);
      },
    },
    spend: {
      onExecute: ({ args, context }) => charge(args, context),
      onSubscribe: ({ args, context }) => charge(args as ExecutionArgs, context),
    },
    settle: {
      onExecutionResult({ request, context, result, setResult }) {
        const before = spent.get(context);
        if (!before || !result || Array.isArray(result) || Symbol.asyncIterator in result) return;
        // Several requests ran at once, and the client does not read the earlier responses.
        if (before.isQuery && outflow?.isFull(before.bucket)) throw unread();
        const cost = settle(before, result);
        noteCost(cost.actual);
        if (request.headers.get(costHeader) === null) return;
        setResult({ ...result, extensions: { ...result.extensions, cost } });
      },
    },
  };
}

/** The points that were charged in excess of the actual cost. */
const excessOf = (requested: number, actual: number, { capacity }: BucketSize): number =>
  Math.min(requested, capacity) - Math.min(actual, capacity);

const tooMuch = (message: string, requested: number, allowed: number): AppError =>
  new AppError('COST_LIMIT', message, { cost: { requested, allowed } });

const tooFast = (retryAfter: number): AppError =>
  limited('points', `This key spends its points too fast; try again in ${retryAfter} s.`, {
    retryable: true,
    retryAfter,
  });

const tooFastForEvents = (retryAfter: number): AppError =>
  limited('events', 'This key has too few points for its subscriptions; resume after the last seq.', {
    retryable: true,
    retryAfter,
  });

const unread = (): AppError =>
  limited('unread', 'Too many bytes of responses to this key are unread; read them first.', {
    retryable: true,
    retryAfter: 1,
  });

function limited(limit: string, message: string, details: ErrorDetails): AppError {
  rateLimited.inc({ limit });
  return new AppError('RATE_LIMITED', message, details);
}
