import { isDeepStrictEqual } from 'node:util';
import { badInput } from '../../../errors.js';
import type { Customer, Prisma } from '../../../generated/prisma/client.js';
import { maxTags } from '../../../lib/values/tags.js';
import { maxOtherEmails } from '../customer.input.js';
import { maxMetadataBytes, metadataBytes } from '../customer.metadata.js';
import type { Columns } from '../customer.writes.js';
import { emailsWithout, orderedEmails } from '../lookup/customer.emails.js';

/** The values that the target of a merge gets, and how they are removed again when the merge is undone. */

/** The fields that the target takes from the source where it has no value. */
const gaps = ['externalId', 'name', 'phone', 'avatarUrl', 'notes'] as const;

type Gap = (typeof gaps)[number];

/** The stored record of a merge, as JSON. */
export interface Gains {
  /** The fields that the target got, with their values. */
  filled: Partial<Record<Gap, string>>;
  /** The externalId and the e-mail addresses that the source lost to the target. */
  names: { externalId?: string; email?: string | null; otherEmails?: string[] };
  tags: string[];
  metadata: Prisma.JsonObject;
}

/** @throws BAD_USER_INPUT when the addresses, the tags or the metadata of both exceed the limits of one customer. */
export function gainsOf(target: Customer, source: Customer) {
  const filled: Gains['filled'] = {};
  for (const field of gaps) {
    const value = source[field];
    if (target[field] === null && value !== null) filled[field] = value;
  }
  const own = { email: target.email, otherEmails: target.otherEmails };
  const emails = orderedEmails([target.email, ...target.otherEmails, source.email, ...source.otherEmails]);
  if (emails.otherEmails.length > maxOtherEmails) {
    const message = `Together they have ${emails.otherEmails.length + 1} e-mail addresses; a customer has at most ${maxOtherEmails + 1}.`;
    throw badInput(['sourceId'], message);
  }
  const tags = source.tags.filter((tag) => !target.tags.includes(tag));
  const allTags = [...target.tags, ...tags];
  if (allTags.length > maxTags) {
    throw badInput(['sourceId'], `Together they have ${allTags.length} tags; a customer has at most ${maxTags}.`);
  }
  const stored = target.metadata as Prisma.JsonObject;
  const metadata = Object.fromEntries(
    Object.entries(source.metadata as Prisma.JsonObject).filter(([key]) => !Object.hasOwn(stored, key)),
  );
  const allMetadata = { ...stored, ...metadata };
  if (metadataBytes(allMetadata) > maxMetadataBytes) {
    throw badInput(['sourceId'], `Together their metadata has more than ${maxMetadataBytes} bytes as JSON.`);
  }
  const after: Columns = {
    ...filled,
    ...(emails.email !== own.email && { email: emails.email }),
    ...(emails.otherEmails.length > own.otherEmails.length && { otherEmails: emails.otherEmails }),
    ...(tags.length > 0 && { tags: allTags }),
    ...(Object.keys(metadata).length > 0 && { metadata: allMetadata }),
  };
  const record: Gains = {
    filled,
    names: {
      ...(filled.externalId !== undefined && { externalId: filled.externalId }),
      ...(source.email !== null && { email: source.email, otherEmails: source.otherEmails }),
    },
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
export function withoutGains(target: Customer, { filled, names, tags, metadata }: Gains) {
  const after: Record<string, unknown> = {};
  for (const field of gaps) {
    if (filled[field] !== undefined && target[field] === filled[field]) after[field] = null;
  }
  const emails = emailsWithout(target, [...(names.email == null ? [] : [names.email]), ...(names.otherEmails ?? [])]);
  if (emails.email !== target.email) after.email = emails.email;
  if (!isDeepStrictEqual(emails.otherEmails, target.otherEmails)) after.otherEmails = emails.otherEmails;
  const keptTags = target.tags.filter((tag) => !tags.includes(tag));
  if (keptTags.length < target.tags.length) after.tags = keptTags;
  const stored = Object.entries(target.metadata as Prisma.JsonObject);
  const kept = stored.filter(
    ([key, value]) => !Object.hasOwn(metadata, key) || !isDeepStrictEqual(value, metadata[key]),
  );
  if (kept.length < stored.length) after.metadata = Object.fromEntries(kept);
  return { before: valuesOf(target, Object.keys(after)), after: after as Columns };
}

const valuesOf = (customer: Customer, fields: readonly string[]): Columns =>
  Object.fromEntries(fields.map((field) => [field, customer[field as keyof Customer]]));
