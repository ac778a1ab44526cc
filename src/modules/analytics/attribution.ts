import type { AttributionModel } from '../../generated/prisma/client.js';
import { allocate } from '../../lib/values/money.js';

/** Who gets the credit for what was sold. Pure arithmetic: amounts in minor units, times in milliseconds. */

/** A click, as attribution sees it. */
export interface Touch {
  id: string;
  at: number;
}

/** A sale less its refunds. */
export interface Sold {
  amountMinor: bigint;
  at: number;
}

export interface Credits {
  /** What each click brought, by its id; only clicks that are a touch of some sale. */
  byTouch: Map<string, bigint>;
  /** What was sold without a click in the window before it. */
  unattributedMinor: bigint;
}

const dayMs = 86_400_000;
const halfLifeDays = 7;
/** So many steps lie between a weight of 0 and of 1: more than a minor unit of any amount could tell apart. */
const precision = 2 ** 52;

/** How much each touch weighs, the earliest first, for a sale at that time. */
const weightsOf: Record<AttributionModel, (touches: readonly Touch[], soldAt: number) => bigint[]> = {
  LAST: (touches) => touches.map((_, place) => (place === touches.length - 1 ? 1n : 0n)),
  FIRST: (touches) => touches.map((_, place) => (place === 0 ? 1n : 0n)),
  LINEAR: (touches) => touches.map(() => 1n),
  // 40 % to the first and the last each, 20 % to all between them; where there are none, half to each.
  POSITION: (touches) => {
    const between = BigInt(Math.max(touches.length - 2, 0));
    const outer = between === 0n ? 1n : 2n * between;
    return touches.map((_, place) => (place === 0 || place === touches.length - 1 ? outer : 1n));
  },
  DECAY: (touches, soldAt) =>
    touches.map(({ at }) => BigInt(Math.round(precision * 2 ** (-(soldAt - at) / (halfLifeDays * dayMs))))),
};

/**
 * Credits every sale to the clicks within the window before it, its end and the sale's own moment included. The credits
 * and what is not attributed add up to the sales exactly. `touches` and `sales` in the order of their times.
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
    for (const [place, { id }] of within.entries()) byTouch.set(id, (byTouch.get(id) ?? 0n) + (parts[place] ?? 0n));
  }
  return { byTouch, unattributedMinor };
}
