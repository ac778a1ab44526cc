import type { z } from 'zod';
import { customerRecord } from '../customer.record.js';

/** A customer as another system or another installation exports it. */
export const importedCustomer = customerRecord.schema
  .refine(({ id, externalId, email }) => id != null || externalId != null || email != null, {
    path: ['externalId'],
    message: 'One of externalId, email and id must say which customer is meant.',
  })
  .refine(({ id, mergedIntoId }) => mergedIntoId == null || id != null, {
    path: ['id'],
    message: 'Must be given for a customer who was merged into another.',
  })
  // The provenance is for new customers only. An existing customer keeps its own.
  .transform(
    ({ id, uuid, source, archivedAt, mergedIntoId, createdAt, updatedAt, version, phoneE164: _, ...fields }) => ({
      fields,
      provenance: { id, uuid, source, archivedAt, mergedIntoId, createdAt, updatedAt, version },
    }),
  );

export type ImportedCustomer = z.output<typeof importedCustomer>;
