import { z } from 'zod';
import { CustomerStatus, Sentiment } from '../../generated/prisma/client.js';
import { beforehand, email, list, name, notNull, text, webUrl } from '../../lib/values/validation.js';
import { metadataFault } from './customer.metadata.js';

export const maxTags = 50;

const tags = list(name(64), maxTags, `At most ${maxTags} tags.`).transform((given) => [...new Set(given)]);

/** Top-level keys to set; a null value removes the key. */
const metadata = beforehand(metadataFault, z.record(z.string(), z.custom<z.core.util.JSONType>()));

/** What can be written of a customer: left out stays as it is, null empties, metadata is merged, tags are replaced. */
export const customerFields = z.object({
  externalId: name(255).nullish(),
  email: email.nullish(),
  name: name(255).nullish(),
  phone: name(64).nullish(),
  avatarUrl: webUrl.nullish(),
  status: notNull(z.enum(CustomerStatus)),
  sentiment: notNull(z.enum(Sentiment)),
  notes: text(10_000).nullish(),
  tags: notNull(tags),
  metadata: notNull(metadata),
});

export type CustomerFields = Partial<z.output<typeof customerFields>>;

export const upsertCustomerInput = customerFields
  .extend({ id: z.string().nullish() })
  .refine((input) => input.id != null || input.externalId != null || input.email != null, {
    path: ['externalId'],
    message: 'One of id, externalId and email must say which customer is meant.',
  });

export const createCustomerInput = customerFields.refine((input) => input.externalId != null || input.email != null, {
  path: ['externalId'],
  message: 'One of externalId and email must say who the customer is.',
});

const ifVersion = z.int().nullish();
const one = z.object({ id: z.string(), ifVersion });
const onlyIdentified = z.boolean().nullish();

export const updateCustomerInput = customerFields.extend({ ...one.shape, onlyIdentified });
export const setCustomerStatusInput = one.extend({ status: z.enum(CustomerStatus) });
export const customerTagsInput = z.object({ id: z.string(), tags });
export const deleteCustomerInput = one.extend({ mode: z.enum(['PURGE', 'SCRUB']), onlyIdentified });

export const mergeCustomersInput = z.object({
  sourceId: z.string(),
  targetId: z.string(),
  ifSourceVersion: ifVersion,
  ifTargetVersion: ifVersion,
});
export const unmergeCustomersInput = z.object({ sourceId: z.string() });

export const maxBatch = 250;

/** The items are checked one by one, so that each can be refused alone. */
export const upsertCustomersInput = z.object({
  customers: z
    .array(z.unknown())
    .min(1, 'Must have at least one customer.')
    .max(maxBatch, `Must have at most ${maxBatch} customers.`),
  errorPolicy: z.enum(['ALL_OR_NOTHING', 'PER_ITEM']),
});

export const updateContactInput = customerFields
  .pick({ email: true, name: true, phone: true, avatarUrl: true, tags: true })
  .extend(one.shape);
export const contactInput = one;

export const createContactInput = customerFields.pick({ name: true, phone: true, avatarUrl: true }).extend({ email });

/** What names one customer: exactly one of the three. */
export const customerKey = z
  .object({ id: z.string().nullish(), externalId: text(255).nullish(), email: email.nullish() })
  .refine((key) => [key.id, key.externalId, key.email].filter((part) => part != null).length === 1, {
    path: ['id'],
    message: 'Exactly one of id, externalId and email must say which customer is meant.',
  });
