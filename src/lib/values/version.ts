import { AppError } from '../../errors.js';

/**
 * The changed fields with the next version and the time of the change. Every change of a row with a version writes
 * these.
 */
export const nextVersion = <Fields extends object>(fields: Fields, updatedAt = new Date()) => ({
  ...fields,
  version: { increment: 1 },
  updatedAt,
});

/**
 * @throws CONFLICT when the row does not have the version that the caller knows. `path` is the input field of that
 * version, and `what` the name of the row in the message.
 */
export function requireVersion(
  what: string,
  { id, version }: { id: string; version: number },
  ifVersion: number | null | undefined,
  path = 'ifVersion',
): void {
  if (ifVersion == null || ifVersion === version) return;
  const message = `The ${what} is at version ${version}, not ${ifVersion}: somebody changed it.`;
  throw new AppError('CONFLICT', message, { path: [path], conflictingId: id, retryable: true });
}
