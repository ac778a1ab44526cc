/** The tolerated difference between our clock and that of the token's issuer. */
const toleranceMs = 5 * 60_000;

/**
 * When a token ends. A token that was made in the future shows that the clock was set back. It may already have ended,
 * so it counts as ended.
 */
export const endOfToken = (madeAt: Date, expiresAt: Date, now = Date.now()): Date =>
  madeAt.getTime() > now + toleranceMs ? new Date(0) : expiresAt;
