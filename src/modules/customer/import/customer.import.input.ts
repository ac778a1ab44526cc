import { z } from 'zod';
import { type Entity, idPrefixes } from '../../../db/ids.js';
import { CustomerSource } from '../../../generated/prisma/client.js';
import { wholeNumber } from '../../../lib/values/validation.js';
import { customerFields } from '../customer.input.js';

/** Clocks differ; what lies further ahead would stay on top of every list. */
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

/** How often a row was written, as another installation counted. */
export const importedVersion = wholeNumber(1, 1_000_000_000);

/** What a file says of a new customer only: who is there already has a past of its own. */
const provenance = {
  id: importedId('Customer').nullish(),
  uuid: z
    .guid('Must be a UUID.')
    .transform((value) => value.toLowerCase())
    .nullish(),
  source: z.enum(CustomerSource).nullish(),
  archivedAt: importedTime.nullish(),
  /** The customer that this one was merged into, whom the file names before. */
  mergedIntoId: importedId('Customer').nullish(),
  createdAt: importedTime.nullish(),
  updatedAt: importedTime.nullish(),
  version: importedVersion.nullish(),
};

/** A customer as another system, or another installation, exports it. */
export const importedCustomer = z
  .strictObject({ ...customerFields.shape, ...provenance })
  .refine(({ id, externalId, email }) => id != null || externalId != null || email != null, {
    path: ['externalId'],
    message: 'One of externalId, email and id must say which customer is meant.',
  })
  .refine(({ id, mergedIntoId }) => mergedIntoId == null || id != null, {
    path: ['id'],
    message: 'Must be given for a customer who was merged into another.',
  })
  .transform(({ id, uuid, source, archivedAt, mergedIntoId, createdAt, updatedAt, version, ...fields }) => ({
    fields,
    provenance: { id, uuid, source, archivedAt, mergedIntoId, createdAt, updatedAt, version },
  }));

export type ImportedCustomer = z.output<typeof importedCustomer>;

/** The names of everything that a file can say of a customer. */
export const importedCustomerFields = Object.keys({ ...customerFields.shape, ...provenance });
