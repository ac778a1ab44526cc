import { z } from 'zod';
import { id, ifVersion, inputMeta, key, notNull, text, wantedKey } from '../../lib/values/validation.js';
import { customerFields } from '../customer/customer.input.js';

/** The fields of a customer that revenue tracking can write. */
const fields = customerFields.pick({
  email: true,
  otherEmails: true,
  name: true,
  phone: true,
  avatarUrl: true,
  metadata: true,
});

const maxName = 255;

/** The key of one customer: exactly one of the two. */
export const oneName = {
  id: id.nullish().describe('The customer. Exactly one of id and externalId must be given.'),
  externalId: wantedKey(maxName).nullish().describe("The workspace's own id of the customer, when no id is given."),
};
export const exactlyOne = {
  check: ({ id, externalId }: { id?: unknown; externalId?: unknown }) => (id == null) !== (externalId == null),
  refusal: {
    path: ['id'],
    message: 'Exactly one of id and externalId must say which customer is meant.',
    when: ({ issues }: z.core.ParsePayload) => issues.length === 0,
  },
};

export const trackedCustomerKey = z
  .object(oneName)
  .refine(exactlyOne.check, exactlyOne.refusal)
  .describe('The key of one customer who has an externalId: exactly one of its fields. The uuid can be used as id.')
  .register(inputMeta, { type: 'TrackedCustomerKey' });

const which = z.object({ which: trackedCustomerKey.describe('The customer.'), ifVersion: ifVersion('customer') });
const ownId = key(maxName);

export const upsertTrackedCustomerInput = fields.extend({
  externalId: ownId.describe(`The workspace's own id of the customer, at most ${maxName} characters.`),
  clickId: text(maxName)
    .nullish()
    .describe(
      'The clickId of an existing click. The click is assigned to the customer if it belongs to nobody; otherwise it keeps its customer.',
    ),
});
export const updateTrackedCustomerInput = fields.extend({
  externalId: notNull(ownId).describe(
    `The new id of the customer in the workspace, at most ${maxName} characters; not null.`,
  ),
  ...which.shape,
});
export const deleteTrackedCustomerInput = which;

export type TrackedCustomerKey = z.input<typeof trackedCustomerKey>;
export type UpsertTrackedCustomerInput = z.input<typeof upsertTrackedCustomerInput>;
export type UpdateTrackedCustomerInput = z.input<typeof updateTrackedCustomerInput>;
export type DeleteTrackedCustomerInput = z.input<typeof deleteTrackedCustomerInput>;
