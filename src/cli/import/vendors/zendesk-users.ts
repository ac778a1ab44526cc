import { z } from 'zod';
import { time } from '../../../db/writing/imported.js';
import { parseInput } from '../../../lib/values/validation.js';
import type { Entry } from '../feed.js';
import { shortened, someText, tagsOf, vendorId } from './vendor.js';

/**
 * Users of Zendesk: a line of its JSON export of users, or a response of its API with `users`. Source: "Exporting data
 * to a JSON, CSV, or XML file" and the API reference of Users.
 */

const userField = z.union([z.string(), z.number(), z.boolean()]);

const user = z.object({
  id: vendorId,
  name: someText,
  email: someText,
  phone: someText,
  external_id: someText,
  role: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  details: someText,
  notes: someText,
  suspended: z.boolean().nullish(),
  photo: z.object({ content_url: someText }).nullish(),
  user_fields: z.record(z.string(), z.unknown()).nullish(),
  identities: z.array(z.object({ type: z.string(), value: z.string() })).nullish(),
  created_at: time.transform((value) => value.toISOString()).nullish(),
});

/** Converts a user to a customer of `import customers`. @throws InvalidInput that names the field. */
export function customerOfZendesk(value: unknown): object {
  const given = parseInput(user, value);
  const { email, identities, details, notes, photo } = given;
  const others = (identities ?? [])
    .filter((one) => one.type === 'email' && one.value.toLowerCase() !== email?.toLowerCase())
    .map((one) => one.value);
  const said = [details, notes].filter((text) => text !== null).join('\n\n');
  const metadata = Object.entries(given.user_fields ?? {}).filter(([, one]) => userField.safeParse(one).success);
  return {
    // The tickets of an export identify the same person by these.
    externalId: given.external_id ?? (email === null ? `zendesk:user:${given.id}` : undefined),
    email: email ?? undefined,
    ...(others.length > 0 && { otherEmails: others }),
    ...(given.name !== null && { name: shortened(given.name, 255) }),
    ...(given.phone !== null && { phone: shortened(given.phone, 50) }),
    ...(photo?.content_url != null && { avatarUrl: photo.content_url }),
    ...(given.suspended === true && { status: 'SUSPENDED' }),
    ...(said !== '' && { notes: said }),
    ...(given.tags != null && { tags: tagsOf(given.tags) }),
    ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }),
    ...(given.created_at != null && { createdAt: given.created_at }),
  };
}

const isOfTeam = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'role' in value && (value.role === 'agent' || value.role === 'admin');

/**
 * The users of each line. A line is one user or a page of the API. Agents and admins are left out, because they are no
 * customers.
 */
export async function* readZendeskUsers(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
  for await (const entry of entries) {
    const { value, number, bytes } = entry;
    const page: unknown = typeof value === 'object' && value !== null && 'users' in value ? value.users : null;
    if (!Array.isArray(page)) {
      if (!isOfTeam(value)) yield entry;
      continue;
    }
    const users = page.filter((one) => !isOfTeam(one));
    for (const [place, one] of users.entries()) yield { number, bytes: place === 0 ? bytes : 0, value: one };
  }
}
