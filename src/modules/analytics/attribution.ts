import type { AttributionModel } from '../../generated/prisma/client.js';
import { allocate } from '../../lib/values/money.js';

/** Credits for sales, computed without I/O: amounts in minor units, times in milliseconds. */

/** A click, with the fields that attribution needs. */
export interface Touch {
  id: string;
  at: number;
}

/** A sale minus its refunds. */
export interface Sold {
  amountMinor: bigint;
  at: number;
}

export interface Credits {
  /** The credit of each click by id, only of clicks that are in the window of a sale. */
  byTouch: Map<string, bigint>;
  /** The sum of sales without a click in their window. */
  unattributedMinor: bigint;
}

const dayMs = 86_400_000;
const halfLifeDays = 7;
/** The weight that is 1.0: integers this large are exact enough that rounding changes no minor unit of any amount. */
const precision = 2 ** 52;

/** The weight of each touch, the earliest first, for a sale at that time. */
const weightsOf: Record<AttributionModel, (touches: readonly Touch[], soldAt: number) => bigint[]> = {
  LAST: (touches) => touches.map((_, index) => (index === touches.length - 1 ? 1n : 0n)),
  FIRST: (touches) => touches.map((_, index) => (index === 0 ? 1n : 0n)),
  LINEAR: (touches) => touches.map(() => 1n),
  // 40 % each to the first and the last, 20 % to all others together; with only two touches, half to each.
  POSITION: (touches) => {
    const between = BigInt(Math.max(touches.length - 2, 0));
    const outer = between === 0n ? 1n : 2n * between;
    return touches.map((_, index) => (index === 0 || index === touches.length - 1 ? outer : 1n));
  },
  DECAY: (touches, soldAt) =>
    touches.map(({ at }) => BigInt(Math.round(precision * 2 ** (-(soldAt - at) / (halfLifeDays * dayMs))))),
};

/**
 * Credits each sale to the clicks in the window before it, including both ends of the window. The credits and the
 * unattributed amount add up to the sales exactly. `touches` and `sales` are sorted by time.
 */
export function creditsOf(
  model: AttributionModel,
  windowDays: number,
  touches: readonly Touch[],
  sales: readonly Sold[],
): Credits {
  const byTouch = new Map<string, bigint>();
  let unattributedMinor = 0n;
  let from = 0;
  let to = 0;
  for (const { amountMinor, at } of sales) {
    while ((touches[from]?.at ?? Number.POSITIVE_INFINITY) < at - windowDays * dayMs) from += 1;
    while ((touches[to]?.at ?? Number.POSITIVE_INFINITY) <= at) to += 1;
    const within = touches.slice(from, to);
    if (within.length === 0) {
      unattributedMinor += amountMinor;
      continue;
    }
    const parts = allocate(amountMinor, weightsOf[model](within, at));
    for (const [index, { id }] of within.entries()) byTouch.set(id, (byTouch.get(id) ?? 0n) + (parts[index] ?? 0n));
  }
  return { byTouch, unattributedMinor };
}
