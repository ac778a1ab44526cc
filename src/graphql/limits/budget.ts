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

/** What is known of a request beside what it asks. */
export interface Received {
  /** Known once its body was received. */
  bodyBytes?: number;
  /** How many operations it brings, when they come as a list. */
  batchSize?: number;
  /** The connection that its answer goes out by; calls within the process have none. */
  outlet?: Outlet;
}

/** What a refused request costs: as much as a write, and more for more that had to be read, up to the largest operation. */
const refusedPoints = 10;
const bytesPerPoint = 100;
/** What people write by hand is read in a moment. */
const freeCharacters = 2_000;

/** What is refused with these may be asked again as it is. */
const notTheFault: readonly unknown[] = [
  'IDEMPOTENCY_KEY_IN_USE',
  'INTERNAL_SERVER_ERROR',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'UNAVAILABLE',
] satisfies (ErrorCode | 'INTERNAL_SERVER_ERROR')[];

/** How long an event waits until its key can pay for it; then the subscription ends. */
const eventPatienceMs = 10_000;

/** Asks for `extensions.cost`. */
export const costHeader = 'X-Deskgraph-Cost';

/** What `extensions.cost` tells to whom asks for it. */
interface ToldCost {
  /** What the operation was taken for, in points. */
  requested: number;
  /** What its answer cost: less where lists were shorter than their pages. */
  actual: number;
  /** What the key can still spend at once. */
  remaining: number;
  /** What it gets back in a second. */
  restoreRate: number;
}

/** What a key can spend at once, of that now, and in how many seconds it gets all of it back: now, and when nothing is left. */
export interface Rate {
  limit: number;
  remaining: number;
  resetSeconds: number;
  windowSeconds: number;
}

/** Who asks, as far as the budget must know it. */
type Spender = Pick<Caller, 'keyId' | 'limits'>;

/** What was spent on a request before it ran. */
interface Spent {
  cost: Cost;
  bucket: string;
  size: BucketSize;
  remaining: number;
  /** Whether it may be left unanswered, since nothing was done. */
  isQuery: boolean;
}

export interface Budget {
  /** @throws RATE_LIMITED for who has nothing left, or does not read its answers, before anything of the request is looked at. */
  admit(spender: Spender): void;
  /** What a key can spend, in points. */
  rateOf(spender: Spender): Rate;
  /** What an operation costs at most. */
  pointsOf(args: ExecutionArgs): number;
  /** What was charged for the operation with this context. */
  chargedFor(context: object): number;
  /**
   * Charges for work at an event that a subscription is told of, and waits until there are points for it. Answers what
   * gives the points back when the work is not done.
   * @throws RATE_LIMITED when there are none for too long; the reason of `signal` when that fires first.
   */
  spendForEvent(spender: Spender, points: number, signal?: AbortSignal): Promise<() => void>;
  /** Gives back what the answer to an event did not cost. */
  settleEvent(spender: Spender, args: ExecutionArgs, result: ExecutionResult): void;
  /** Charges for a document of so many characters that was not read before: to read it takes time however little it asks for. */
  chargeDocument(spender: Spender, characters: number): void;
  /** Charges for a request of so many bytes that is refused. */
  chargeRefused(spender: Spender, bytes: number): void;
  /** The same for what came of a request, if that is that nothing was executed, and through the fault of who sent it. */
  chargeWhenRefused(spender: Spender, result: ExecutionResult, bytes: number): void;
  /** Admits requests over HTTP, and charges for those that are refused. */
  refusals: Plugin<Context, Partial<Context> & Received>;
  /** Refuses operations that cost or nest too much, and keys that spend too fast. Nothing was executed then. */
  spend: Plugin<Context>;
  /**
   * Gives back what an answer did not cost, and adds `extensions.cost` to that of a request with the header
   * X-Deskgraph-Cost.
   */
  settle: Plugin<Context>;
}

/** The budgets of keys, in this process. Two plugins, because an answer is kept without what it cost this time. */
export function createBudget(schema: GraphQLSchema, limits: Limits, outflow?: Outflow): Budget {
  const costOf = createCostOf(schema);
  const buckets = createBuckets();
  /** By the context of the operation, since a request can bring several. */
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
    // What is too long to be kept must come through as well, when the key has saved enough.
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

  /** Whoever causes an error after the lists were read gets nothing back for them: they are not in the answer. */
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
        // Many were asked at once, and those before are not read.
        if (before.isQuery && outflow?.isFull(before.bucket)) throw unread();
        const cost = settle(before, result);
        noteCost(cost.actual);
        if (request.headers.get(costHeader) === null) return;
        setResult({ ...result, extensions: { ...result.extensions, cost } });
      },
    },
  };
}

/** What was taken and is not due. */
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
  limited('events', 'This key spends its points too fast for what it follows; go on from the last seq.', {
    retryable: true,
    retryAfter,
  });

const unread = (): AppError =>
  limited('unread', 'Too much of what this key was answered waits to be read; read it first.', {
    retryable: true,
    retryAfter: 1,
  });

function limited(limit: string, message: string, details: ErrorDetails): AppError {
  rateLimited.inc({ limit });
  return new AppError('RATE_LIMITED', message, details);
}
