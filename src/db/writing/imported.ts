import { z } from 'zod';
import { wholeNumber } from '../../lib/values/validation.js';
import { type Entity, idPrefixes } from '../ids.js';

/** Rules for history values in imported files. */

/** Clocks differ. A time further in the future would stay at the top of every list. */
const maxAheadMs = 24 * 60 * 60 * 1000;

/** A time since 1970, as ISO 8601 with its zone. */
export const time = z.iso
  .datetime({ offset: true, message: 'Must be a time in ISO 8601 with its zone, such as 2024-05-01T09:30:00Z.' })
  .transform((value) => new Date(value))
  .refine((value) => value.getTime() >= 0, { message: 'Must lie behind 1970.' });

/** A time of the past. */
export const importedTime = time.refine((value) => value.getTime() <= Date.now() + maxAheadMs, {
  message: 'Must lie between 1970 and now.',
});

/** The id of a row that another installation exported. */
export const importedId = (entity: Entity) =>
  z
    .string()
    .regex(
      new RegExp(`^${idPrefixes[entity]}_[A-Za-z0-9_-]{1,120}$`),
      `Must be ${idPrefixes[entity]}_ and up to 120 letters, digits, "_" or "-".`,
    );

/** The number of writes of a row and their times, as another installation recorded them. */
export const importedHistory = {
  version: { rule: wholeNumber(1, 1_000_000_000).nullish() },
  createdAt: { rule: importedTime.nullish() },
  updatedAt: { rule: importedTime.nullish() },
};
