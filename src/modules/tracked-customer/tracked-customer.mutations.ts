import { builder } from '../../graphql/schema/builder.js';
import { defineMutation, type PayloadBuilder } from '../../graphql/schema/mutation.js';
import { type InputBuilder, ifVersionInput } from '../customer/customer.fields.types.js';
import { WriteResult } from '../customer/customer.mutations.js';
import type { CustomerWrite } from '../customer/customer.writes.js';
import { DeletionReceiptEntry } from '../customer/deletion/customer.deletion.mutations.js';
import type { TrackedCustomerKey as KeyShape, UpdateTrackedCustomerInput } from './tracked-customer.input.js';
import { TrackedCustomer } from './tracked-customer.types.js';

const fieldInputs = (t: InputBuilder) => ({
  email: t.string({ description: 'The address, unique in the workspace whatever its case; null empties it.' }),
  name: t.string({ description: 'What the person is called, at most 255 characters; null empties it.' }),
  phone: t.string({ description: 'A number in any form, at most 64 characters; null empties it.' }),
  avatarUrl: t.string({ description: 'The http or https URL of a picture; null empties it.' }),
  metadata: t.field({
    type: 'JSONObject',
    description: 'Merged into what is stored at the top level; a null value removes its key. At most 16 KiB in all.',
  }),
});

/** What a write of one customer answers. */
const written = <Result extends CustomerWrite>(t: PayloadBuilder<Result>) => ({
  customer: t.field({
    type: TrackedCustomer,
    nullable: true,
    description: 'The customer as it is now.',
    resolve: ({ customer }) => customer,
  }),
  result: t.field({
    type: WriteResult,
    nullable: true,
    description: "What was done to the customer's fields.",
    resolve: ({ result }) => result,
  }),
  changedFields: t.stringList({
    nullable: true,
    description: 'The names of the fields that have another value now.',
    resolve: ({ changedFields }): string[] | undefined => changedFields,
  }),
});

defineMutation('upsertTrackedCustomer', {
  description:
    'Creates the customer with the externalId, or changes the given fields of it. Who has no externalId yet takes it: the one with the e-mail, else the one who is known by the click. Safe to repeat, also by two callers at once. Part of revenue tracking. Needs links:create.',
  scope: 'links:create',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    externalId: t.string({ required: true, description: "The workspace's own id, at most 255 characters." }),
    ...fieldInputs(t),
    clickId: t.string({
      description:
        "The clickId of a click, which must exist. It becomes the customer's when it belongs to nobody; otherwise it stays whose it is.",
    }),
  }),
  resolve: ({ services, caller }, input) => services.trackedCustomers.upsert(caller, input),
  payload: (t) => ({
    ...written(t),
    clickClaimed: t.boolean({
      nullable: true,
      description: "Whether the click became the customer's now; null when none was named.",
      resolve: ({ clickClaimed }) => clickClaimed,
    }),
  }),
});

const TrackedCustomerKey = builder.inputRef<KeyShape>('TrackedCustomerKey').implement({
  description: 'Names one customer who has an externalId, by exactly one of its fields.',
  fields: (t) => ({
    id: t.id({ description: 'A global or plain id, or the uuid.' }),
    externalId: t.string({ description: "The workspace's own id." }),
  }),
});

defineMutation('updateTrackedCustomer', {
  description:
    'Changes the given fields of a customer who has an externalId; what is left out stays as it is. Part of revenue tracking. Needs links:update.',
  scope: 'links:update',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    which: t.field({ type: TrackedCustomerKey, required: true, description: 'The customer.' }),
    externalId: t.string({ description: "The workspace's own id from now on, at most 255 characters; not null." }),
    ...fieldInputs(t),
    ifVersion: ifVersionInput(t),
  }),
  resolve: ({ services, caller }, input) =>
    services.trackedCustomers.update(caller, input as UpdateTrackedCustomerInput),
  payload: written,
});

defineMutation('deleteTrackedCustomer', {
  description:
    'Scrubs a customer who has an externalId, as deleteCustomer does: what says who it was is gone and no query finds it, while clicks, conversions and conversations stay for the statistics. Part of revenue tracking. Needs links:delete.',
  scope: 'links:delete',
  entitlement: 'REVENUE_TRACKING',
  input: (t) => ({
    which: t.field({ type: TrackedCustomerKey, required: true, description: 'The customer.' }),
    ifVersion: ifVersionInput(t),
  }),
  resolve: ({ services, caller }, input) => services.trackedCustomers.delete(caller, input),
  payload: (t) => ({
    deletedId: t.id({
      nullable: true,
      description: 'The plain id of the customer that was deleted: the survivor when the given one had been merged.',
      resolve: ({ deletedId }) => deletedId,
    }),
    receipt: t.field({
      type: [DeletionReceiptEntry],
      nullable: true,
      description: 'What was removed or blanked, kind by kind.',
      resolve: ({ receipt }) => receipt,
    }),
  }),
});
