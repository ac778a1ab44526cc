import { isDeepStrictEqual } from 'node:util';
import { badInput } from '../../../errors.js';
import type { Customer, Prisma } from '../../../generated/prisma/client.js';
import { maxTags } from '../customer.input.js';
import { maxMetadataBytes, metadataBytes } from '../customer.metadata.js';
import type { Columns } from '../customer.writes.js';

/** The values that the target of a merge gets, and how they are removed again when the merge is undone. */

/** The fields that the target takes from the source where it has no value. */
const gaps = ['externalId', 'email', 'name', 'phone', 'avatarUrl', 'notes'] as const;
const names = ['externalId', 'email'] as const;

type Gap = (typeof gaps)[number];

/** The stored record of a merge, as JSON. */
export interface Gains {
  /** The fields that the target got, with their values. */
  filled: Partial<Record<Gap, string>>;
  /** The externalId and e-mail that the source lost to the target. */
  names: Partial<Record<(typeof names)[number], string>>;
  tags: string[];
  metadata: Prisma.JsonObject;
}

/** @throws BAD_USER_INPUT when the tags or the metadata of both exceed the limits of one customer. */
export function gainsOf(target: Customer, source: Customer) {
  const filled: Gains['filled'] = {};
  for (const field of gaps) {
    const value = source[field];
    if (target[field] === null && value !== null) filled[field] = value;
  }
  const tags = source.tags.filter((tag) => !target.tags.includes(tag));
  const allTags = [...target.tags, ...tags];
  if (allTags.length > maxTags) {
    throw badInput(['sourceId'], `Together they have ${allTags.length} tags; a customer has at most ${maxTags}.`);
  }
  const own = target.metadata as Prisma.JsonObject;
  const metadata = Object.fromEntries(
    Object.entries(source.metadata as Prisma.JsonObject).filter(([key]) => !Object.hasOwn(own, key)),
  );
  const allMetadata = { ...own, ...metadata };
  if (metadataBytes(allMetadata) > maxMetadataBytes) {
    throw badInput(['sourceId'], `Together their metadata has more than ${maxMetadataBytes} bytes as JSON.`);
  }
  const after: Columns = {
    ...filled,
    ...(tags.length > 0 && { tags: allTags }),
    ...(Object.keys(metadata).length > 0 && { metadata: allMetadata }),
  };
  const record: Gains = {
    filled,
    names: Object.fromEntries(names.flatMap((name) => (filled[name] === undefined ? [] : [[name, filled[name]]]))),
    tags,
    metadata,
  };
  return {
    before: valuesOf(target, Object.keys(after)),
    after,
    record,
  };
}

/** The change that removes the gains from the target, except values that were changed since. */
export function withoutGains(target: Customer, { filled, tags, metadata }: Gains) {
  const after: Record<string, unknown> = {};
  for (const field of gaps) {
    if (filled[field] !== undefined && isSame(field, target[field], filled[field])) after[field] = null;
  }
  const keptTags = target.tags.filter((tag) => !tags.includes(tag));
  if (keptTags.length < target.tags.length) after.tags = keptTags;
  const stored = Object.entries(target.metadata as Prisma.JsonObject);
  const kept = stored.filter(
    ([key, value]) => !Object.hasOwn(metadata, key) || !isDeepStrictEqual(value, metadata[key]),
  );
  if (kept.length < stored.length) after.metadata = Object.fromEntries(kept);
  return { before: valuesOf(target, Object.keys(after)), after: after as Columns };
}

const isSame = (field: Gap, value: string | null, filled: string): boolean =>
  field === 'email' ? value?.toLowerCase() === filled.toLowerCase() : value === filled;

const valuesOf = (customer: Customer, fields: readonly string[]): Columns =>
  Object.fromEntries(fields.map((field) => [field, customer[field as keyof Customer]]));
