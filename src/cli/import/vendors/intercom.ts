import { z } from 'zod';
import { parseInput } from '../../../lib/values/validation.js';
import { textOfHtml } from '../../../modules/email/inbound/reading/inbound-email.html.js';
import {
  agentsOf,
  content,
  mediaType,
  shortened,
  someText,
  tagsOf,
  type VendorAgent,
  type VendorConversation,
  type VendorFile,
  type VendorMessage,
  vendorId,
} from './vendor.js';

/**
 * Conversations of Intercom, as its API returns a single conversation with all its parts. Source: the API references of
 * Conversation, Conversation Part and Part Attachment.
 */

const author = z.object({
  type: z.string().nullish(),
  id: vendorId.nullish(),
  name: someText,
  email: someText,
});
type Author = z.output<typeof author>;

/** Seconds since 1970, as Intercom writes times. */
const seconds = z
  .number('Must be a time in seconds since 1970.')
  .min(0)
  .max(253_402_300_799)
  .transform((value) => new Date(value * 1_000).toISOString());

const attachment = z.object({
  name: someText,
  url: z.string(),
  content_type: someText,
  filesize: z.number().min(0).nullish(),
});

const body = { body: z.string().nullish(), attachments: z.array(attachment).nullish() };

const part = z.object({
  id: vendorId,
  part_type: z.string(),
  created_at: seconds,
  author: author.nullish(),
  ...body,
});
type Part = z.output<typeof part>;

const contact = z.object({ id: vendorId, external_id: someText, name: someText, email: someText });
const admin = z.object({ type: z.string().nullish(), id: vendorId.nullish(), name: someText, email: someText });

const states = ['open', 'closed', 'snoozed'] as const;

const conversation = z.object({
  type: z.literal('conversation', 'Must be "conversation".'),
  id: vendorId,
  title: someText,
  created_at: seconds,
  updated_at: seconds.nullish(),
  state: z.enum(states, `Must be one of ${states.join(', ')}.`).nullish(),
  open: z.boolean().nullish(),
  snoozed_until: seconds.nullish(),
  priority: z.union([z.string(), z.boolean()]).nullish(),
  admin_assignee_id: vendorId.nullish(),
  assignee: admin.nullish(),
  teammates: z.object({ admins: z.array(admin).nullish(), teammates: z.array(admin).nullish() }).nullish(),
  tags: z.object({ tags: z.array(z.object({ name: z.string() })) }).nullish(),
  contacts: z.object({ contacts: z.array(contact) }).nullish(),
  statistics: z.object({ last_close_at: seconds.nullish() }).nullish(),
  source: z.object({
    id: vendorId.nullish(),
    type: z.string().nullish(),
    subject: z.string().nullish(),
    author: author.nullish(),
    ...body,
  }),
  conversation_parts: z.object({ conversation_parts: z.array(part) }).nullish(),
});
type Conversation = z.output<typeof conversation>;

/** Converts a conversation of Intercom. @throws InvalidInput that names the field. */
export function conversationOfIntercom(value: unknown): VendorConversation {
  const given = parseInput(conversation, value);
  const begun: Part = {
    id: given.source.id ?? given.id,
    part_type: 'comment',
    created_at: given.created_at,
    author: given.source.author,
    body: given.source.body,
    attachments: given.source.attachments,
  };
  const parts = [begun, ...(given.conversation_parts?.conversation_parts ?? [])];
  const admins = adminsOf(given, parts);
  const state = given.state ?? (given.open === false ? 'closed' : 'open');
  const assignee = admins.get(given.admin_assignee_id ?? given.assignee?.id ?? '') ?? null;
  const subject = given.title ?? titleOf(given.source.subject);
  return {
    externalId: `intercom:${given.id}`,
    team: 'Intercom',
    source: given.source.type === 'email' ? 'EMAIL' : 'CHAT',
    status: state === 'closed' ? 'CLOSED' : 'OPEN',
    priority: given.priority === 'priority' || given.priority === true ? 'HIGH' : 'NORMAL',
    subject: subject && shortened(subject, 500),
    tags: tagsOf((given.tags?.tags ?? []).map(({ name }) => name)),
    createdAt: given.created_at,
    closedAt: state === 'closed' ? (given.statistics?.last_close_at ?? given.updated_at ?? given.created_at) : null,
    snoozedUntil: state === 'snoozed' ? (given.snoozed_until ?? null) : null,
    customer: customerOf(given, parts),
    assignee: assignee?.email ?? null,
    agents: agentsOf([assignee, ...parts.map((one) => admins.get(one.author?.id ?? '') ?? null)]),
    messages: parts.flatMap((one, index) => messageOf(one, index === 0, admins) ?? []),
  };
}

/** Intercom writes subjects as HTML. */
const titleOf = (html: string | null | undefined): string | null => textOfHtml(html ?? '') || null;

const customers = new Set(['user', 'lead', 'contact', 'visitor']);
const isCustomer = (one: Author | null | undefined): boolean => customers.has(one?.type ?? '');

/** Teammates with an e-mail address, by id. Addresses of operators and bots are ignored. */
function adminsOf({ assignee, teammates }: Conversation, parts: readonly Part[]): Map<string, VendorAgent> {
  const named = [...(teammates?.admins ?? []), ...(teammates?.teammates ?? []), assignee];
  const all = [...named, ...parts.map((one) => one.author)].filter((one) => one?.type === 'admin');
  return new Map(
    all.flatMap((one) =>
      one?.id != null && one.email !== null
        ? [[one.id, { email: one.email, name: shortened(one.name ?? one.email, 255) }] as const]
        : [],
    ),
  );
}

/** @throws InvalidInput for a conversation without a customer. */
function customerOf({ contacts, source }: Conversation, parts: readonly Part[]): VendorConversation['customer'] {
  const written = [source.author, ...parts.map((one) => one.author)].filter(isCustomer);
  const first = contacts?.contacts[0] ?? null;
  const id = first?.id ?? written[0]?.id ?? null;
  if (id === null) parseInput(z.object({ contacts: z.object({}) }), {});
  const own = written.filter((one) => one?.id === id);
  const email = first?.email ?? own.find((one) => one?.email)?.email ?? null;
  const name = first?.name ?? own.find((one) => one?.name)?.name ?? null;
  const externalId = first?.external_id ?? (email === null ? `intercom:user:${id}` : null);
  return { externalId, email, name: name && shortened(name, 255) };
}

/** Null for a part without content: an assignment, a tag, a change of state. */
function messageOf(given: Part, isFirst: boolean, admins: ReadonlyMap<string, VendorAgent>): VendorMessage | null {
  const html = (given.body ?? '').trim() === '' ? null : (given.body ?? null);
  const attachments = (given.attachments ?? []).map(fileOf);
  if (html === null && attachments.length === 0) return null;
  const isInternal = given.part_type.startsWith('note');
  const direction = isCustomer(given.author) && !isInternal ? 'INBOUND' : 'OUTBOUND';
  return {
    // The id of the source may equal that of a part.
    externalId: `intercom:${isFirst ? 'source:' : ''}${given.id}`,
    direction,
    isInternal,
    author: given.author?.name ? shortened(given.author.name, 320) : null,
    agent: direction === 'INBOUND' ? null : (admins.get(given.author?.id ?? '')?.email ?? null),
    ...content(html && textOfHtml(html), html),
    ...(given.author?.type === 'bot' && { isAutomatic: true as const }),
    sentAt: given.created_at,
    attachments,
  };
}

const fileOf = ({ url, name, content_type: type, filesize }: z.output<typeof attachment>): VendorFile => ({
  url,
  fileName: shortened(name ?? 'file', 255),
  contentType: mediaType(type),
  sizeBytes: filesize == null ? null : Math.round(filesize),
});
