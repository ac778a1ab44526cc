import { AppError } from '../../errors.js';

/** The fields of a change, with what every change of a row that has a version writes beside them. */
export const nextVersion = <Fields extends object>(fields: Fields, updatedAt = new Date()) => ({
  ...fields,
  version: { increment: 1 },
  updatedAt,
});

/** @throws CONFLICT when the row, "conversation" or what it is called, is not at the version that the caller knows. `path` names the field that says it. */
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
