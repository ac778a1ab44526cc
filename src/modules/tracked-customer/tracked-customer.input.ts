import { z } from 'zod';
import { name, notNull, text } from '../../lib/values/validation.js';
import { customerFields } from '../customer/customer.input.js';

/** What revenue tracking knows of who somebody is; the rest of a customer belongs to the desk. */
const fields = customerFields.pick({ email: true, name: true, phone: true, avatarUrl: true, metadata: true });

/** Names one customer, by exactly one of the two. */
export const oneName = { id: z.string().nullish(), externalId: text(255).nullish() };
export const exactlyOne = {
  check: ({ id, externalId }: { id?: unknown; externalId?: unknown }) => (id == null) !== (externalId == null),
  refusal: {
    path: ['id'],
    message: 'Exactly one of id and externalId must say which customer is meant.',
    when: ({ issues }: z.core.ParsePayload) => issues.length === 0,
  },
};

export const trackedCustomerKey = z.object(oneName).refine(exactlyOne.check, exactlyOne.refusal);

const which = z.object({ which: trackedCustomerKey, ifVersion: z.int().nullish() });

export const upsertTrackedCustomerInput = fields.extend({ externalId: name(255), clickId: text(255).nullish() });
export const updateTrackedCustomerInput = fields.extend({ externalId: notNull(name(255)), ...which.shape });
export const deleteTrackedCustomerInput = which;

export type TrackedCustomerKey = z.input<typeof trackedCustomerKey>;
export type UpsertTrackedCustomerInput = z.input<typeof upsertTrackedCustomerInput>;
export type UpdateTrackedCustomerInput = z.input<typeof updateTrackedCustomerInput>;
export type DeleteTrackedCustomerInput = z.input<typeof deleteTrackedCustomerInput>;
