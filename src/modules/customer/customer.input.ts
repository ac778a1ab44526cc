import { z } from 'zod';
import { CustomerStatus, Sentiment } from '../../generated/prisma/client.js';
import { errorPolicy } from '../../lib/values/batch.js';
import { aboutTags, tags } from '../../lib/values/tags.js';
import {
  beforehand,
  email,
  id,
  ifVersion,
  inputMeta,
  itemByItem,
  key,
  list,
  maxNotes,
  name,
  notes,
  notNull,
  wantedKey,
  webUrl,
} from '../../lib/values/validation.js';
import { maxMetadataBytes, metadataFault } from './customer.metadata.js';

const maxName = 255;
const maxPhone = 64;
export const maxOtherEmails = 20;

/** Top-level keys to set; a null value removes the key. */
export const metadata = beforehand(metadataFault, z.record(z.string(), z.custom<z.core.util.JSONType>()));

export const otherEmails = (rule: typeof email) =>
  list(rule, maxOtherEmails, `At most ${maxOtherEmails} other addresses.`);

/** The fields of a customer in a write: fields left out keep their values, metadata is merged, tags are replaced. */
export const customerFields = z.object({
  externalId: key(maxName)
    .nullish()
    .describe(
      `The workspace's own id of the customer, unique there, at most ${maxName} characters; null for none. A customer found by its e-mail takes it if it has none.`,
    ),
  email: email
    .nullish()
    .describe(
      'The primary address, unique in the workspace regardless of case; null for none, or for the first other.',
    ),
  otherEmails: notNull(otherEmails(email)).describe(
    `The complete list of further addresses, at most ${maxOtherEmails}: mails from them are of this person too, and each finds it. Unique as the primary one is.`,
  ),
  name: name(maxName).nullish().describe(`The name of the person, at most ${maxName} characters; null for none.`),
  phone: name(maxPhone)
    .nullish()
    .describe(`A phone number in any format, at most ${maxPhone} characters; null for none.`),
  avatarUrl: webUrl.nullish().describe('The http or https URL of a picture; null for none.'),
  status: notNull(z.enum(CustomerStatus)).describe('Whether the customer is active or suspended.'),
  sentiment: notNull(z.enum(Sentiment)).describe('The mood, as agents judge it.'),
  notes: notes
    .nullish()
    .describe(`Notes for agents, at most ${maxNotes.toLocaleString('en')} characters; null for none.`),
  tags: notNull(tags).describe(`The complete list of tags, which replaces the stored one: ${aboutTags}.`),
  metadata: notNull(metadata).describe(
    `Merged into the stored metadata by top-level key; a null value removes its key. At most ${maxMetadataBytes / 1024} KiB in total.`,
  ),
});

export type CustomerFields = Partial<z.output<typeof customerFields>>;

export const upsertCustomerInput = customerFields
  .extend({ id: id.nullish().describe('The customer to change, which must exist.') })
  .refine((input) => input.id != null || input.externalId != null || input.email != null, {
    path: ['externalId'],
    message: 'One of id, externalId and email must say which customer is meant.',
  });

export const createCustomerInput = customerFields.refine((input) => input.externalId != null || input.email != null, {
  path: ['externalId'],
  message: 'One of externalId and email must say who the customer is.',
});

const one = z.object({ id: id.describe('The customer or contact.'), ifVersion: ifVersion('customer') });

export const onlyIdentified = z
  .boolean()
  .nullish()
  .describe('Whether a customer without an externalId is treated as NOT_FOUND. False when left out.');

export const updateCustomerInput = customerFields.extend({ ...one.shape, onlyIdentified });
export const setCustomerStatusInput = one.extend({ status: z.enum(CustomerStatus).describe('The new status.') });
export const customerTagsInput = z.object({
  id: one.shape.id,
  tags: tags.describe(`The tags, ${aboutTags}.`),
});

const deletionMode = z.enum(['PURGE', 'SCRUB']).register(inputMeta, { type: 'DeletionMode' });
export type DeletionMode = z.output<typeof deletionMode>;
export const deleteCustomerInput = one.extend({
  mode: deletionMode.describe('Whether the rows are removed, or stay without personal data.'),
  onlyIdentified,
});

export const mergeCustomersInput = z.object({
  sourceId: id.describe('The customer that becomes part of the target.'),
  targetId: id.describe('The customer that remains.'),
  ifSourceVersion: ifVersion('source'),
  ifTargetVersion: ifVersion('target'),
});
export const unmergeCustomersInput = z.object({
  sourceId: id.describe('The customer that was merged into another.'),
});

export const maxBatch = 250;

const upsertCustomersItem = upsertCustomerInput
  .describe('One customer of a bulk mutation, found as in upsertCustomer: by id, else externalId, else email.')
  .register(inputMeta, { type: 'UpsertCustomersItem' });

export const upsertCustomersInput = z.object({
  customers: itemByItem(upsertCustomersItem, {
    most: maxBatch,
    what: 'customer',
    description: `The customers, 1 to ${maxBatch}.`,
  }),
  errorPolicy,
});

export const updateContactInput = customerFields
  .pick({ email: true, otherEmails: true, name: true, phone: true, avatarUrl: true, tags: true })
  .extend(one.shape);
export const contactInput = one;

export const createContactInput = customerFields
  .pick({ name: true, phone: true, avatarUrl: true })
  .extend({ email: email.describe('The address, unique in the workspace regardless of case.') });

/** The key of one customer: exactly one of the three. */
export const customerKey = z
  .object({
    id: z.string().nullish(),
    externalId: wantedKey(maxName).nullish(),
    email: email.nullish(),
  })
  .refine((key) => [key.id, key.externalId, key.email].filter((part) => part != null).length === 1, {
    path: ['id'],
    message: 'Exactly one of id, externalId and email must say which customer is meant.',
  });

/** The key of one customer as the argument `by`. */
export const customerBy = z.object({ by: customerKey });
