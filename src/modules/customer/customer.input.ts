import { z } from 'zod';
import { CustomerStatus, Sentiment } from '../../generated/prisma/client.js';
import { email, name, notNull, text, webUrl } from '../../lib/values/validation.js';

export const maxTags = 50;
export const maxMetadataBytes = 16_384;
const maxMetadataDepth = 5;
const maxKeyLength = 100;

const tags = z
  .array(name(64))
  .max(maxTags, `At most ${maxTags} tags.`)
  .transform((list) => [...new Set(list)]);

/** Top-level keys to set; a null value removes the key. */
const metadata = z
  .record(z.string(), z.custom<z.core.util.JSONType>(isJson, 'Must hold numbers up to 1.8e308 only.'))
  .refine((value) => Object.keys(value).every((key) => key.length <= maxKeyLength), {
    message: `Must have keys of at most ${maxKeyLength} characters.`,
  })
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes, {
    message: `Must have at most ${maxMetadataBytes} bytes as JSON.`,
  })
  .refine((value) => textsOf(value).every(isStorable), {
    message: 'Must not contain a NUL character or half of a surrogate pair.',
  })
  .refine((value) => depthOf(value) <= maxMetadataDepth, { message: `Must nest at most ${maxMetadataDepth} deep.` });

/** What JSON can say and keeps: 1e400 is read as a number that it cannot write. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null)
    return value === null || ['string', 'boolean'].includes(typeof value);
  return Object.values(value).every(isJson);
}

/** Every text in a JSON value, names too. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return [...Object.keys(value), ...Object.values(value)].flatMap(textsOf);
}

const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text);

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

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
