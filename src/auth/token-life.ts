/** By how much the clock of who makes tokens may differ from ours. */
const toleranceMs = 5 * 60_000;

/**
 * When a token ends. One that was made in the future was made before the clock was put back: it may have ended since, and
 * does not begin again.
 */
export const endOfToken = (madeAt: Date, expiresAt: Date, now = Date.now()): Date =>
  madeAt.getTime() > now + toleranceMs ? new Date(0) : expiresAt;
