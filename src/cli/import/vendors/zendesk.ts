import { z } from 'zod';
import { time } from '../../../db/writing/imported.js';
import { parseInput } from '../../../lib/values/validation.js';
import {
  agentsOf,
  content,
  mediaType,
  shortened,
  someText,
  tagsOf,
  type VendorAgent,
  type VendorConversation,
  type VendorMessage,
  vendorId,
} from './vendor.js';

/**
 * Tickets of Zendesk: a line of its JSON export, in which the ticket contains its users and comments, or a ticket of
 * its API to which `comments` and `users` were added. Source: "Exporting data to a JSON, CSV, or XML file" and the API
 * references of Tickets, Ticket Comments and Attachments.
 */

const user = z.object({
  id: vendorId,
  name: someText,
  email: someText,
  external_id: someText,
  role: z.string().nullish(),
});
type User = z.output<typeof user>;

const iso = time.transform((value) => value.toISOString());

const attachment = z.object({
  content_url: z.string(),
  file_name: someText,
  content_type: someText,
  size: z.int().min(0).nullish(),
});

const comment = z.object({
  id: vendorId,
  author_id: vendorId.nullish(),
  author: user.nullish(),
  body: z.string().nullish(),
  plain_body: z.string().nullish(),
  html_body: z.string().nullish(),
  public: z.boolean().nullish(),
  created_at: iso,
  attachments: z.array(attachment).nullish(),
});

const statuses = ['new', 'open', 'pending', 'hold', 'solved', 'closed'] as const;

const ticket = z.object({
  id: vendorId,
  subject: someText,
  raw_subject: someText,
  description: z.string().nullish(),
  status: z.enum(statuses, `Must be one of ${statuses.join(', ')}.`),
  priority: z.enum(['low', 'normal', 'high', 'urgent']).nullish(),
  tags: z.array(z.string()).nullish(),
  via: z.object({ channel: z.union([z.string(), z.int()]).nullish() }).nullish(),
  created_at: iso,
  updated_at: iso,
  requester: user.nullish(),
  requester_id: vendorId.nullish(),
  assignee: user.nullish(),
  assignee_id: vendorId.nullish(),
  submitter: user.nullish(),
  collaborator: z.array(user).nullish(),
  group: z.object({ name: someText }).nullish(),
  users: z.array(user).nullish(),
  comments: z.array(comment).nullish(),
});
type Ticket = z.output<typeof ticket>;
type Comment = z.output<typeof comment>;

/** Converts a ticket to a conversation. @throws InvalidInput that names the field. */
export function conversationOfZendesk(value: unknown): VendorConversation {
  const given = parseInput(ticket, value);
  const requester = requesterOf(given);
  const people = peopleOf(given, requester);
  const assignee = agentOf(people.get(given.assignee?.id ?? given.assignee_id ?? ''));
  const comments = given.comments ?? [];
  const isOver = given.status === 'solved' || given.status === 'closed';
  const number = Number(given.id);
  return {
    externalId: `zendesk:${given.id}`,
    ...(Number.isSafeInteger(number) && number > 0 && number <= 1_000_000_000 && { number }),
    team: shortened(given.group?.name ?? 'Zendesk', 255),
    source: sourceOf(String(given.via?.channel ?? '')),
    status: isOver ? 'CLOSED' : 'OPEN',
    priority: priorities[given.priority ?? 'normal'],
    subject: titleOf(given),
    tags: tagsOf(given.tags ?? []),
    createdAt: given.created_at,
    closedAt: isOver ? given.updated_at : null,
    customer: {
      externalId: requester.external_id ?? (requester.email === null ? `zendesk:user:${requester.id}` : null),
      email: requester.email,
      name: requester.name && shortened(requester.name, 255),
    },
    assignee: assignee?.email ?? null,
    agents: agentsOf([assignee, ...comments.map((one) => agentOf(authorOf(one, people)))]),
    messages: messagesOf(given, requester, people),
  };
}

const titleOf = ({ subject, raw_subject: raw }: Ticket): string | null => {
  const title = subject ?? raw;
  return title && shortened(title, 500);
};

const priorities = { low: 'LOW', normal: 'NORMAL', high: 'HIGH', urgent: 'URGENT' } as const;

/** The source for a channel name in `via.channel`; "4" is the number of e-mail in old exports. */
function sourceOf(channel: string): VendorConversation['source'] {
  if (/^(?:e?mail|4)$/.test(channel)) return 'EMAIL';
  if (/chat|messag|sms|text|whatsapp|twitter|facebook|instagram|line|telegram|voice|phone/.test(channel)) return 'CHAT';
  return /^(?:web|web_form|web_widget|help_center|sample_ticket|mobile|mobile_sdk|0)$/.test(channel) ? 'FORM' : 'API';
}

const unknownUser = (id: string): User => ({ id, name: null, email: null, external_id: null });

/** @throws InvalidInput for a ticket without a requester. */
function requesterOf({ requester, requester_id: id, users }: Ticket): User {
  const found = requester ?? users?.find((one) => one.id === id) ?? (id == null ? null : unknownUser(id));
  return found ?? parseInput(z.object({ requester: user }), {}).requester;
}

function peopleOf(given: Ticket, requester: User): Map<string, User> {
  const { users, collaborator, submitter, assignee, comments } = given;
  const authors = (comments ?? []).flatMap(({ author }) => author ?? []);
  // Tickets are assigned only to team members, even if the export leaves out the role.
  const team = assignee ? { ...assignee, role: assignee.role ?? 'agent' } : null;
  const known = [...(users ?? []), ...(collaborator ?? []), submitter, team, ...authors, requester];
  return new Map(known.flatMap((one) => (one ? [[one.id, one]] : [])));
}

const authorOf = ({ author, author_id: id }: Comment, people: ReadonlyMap<string, User>): User | undefined =>
  author ?? (id == null ? undefined : people.get(id));

/** The user as an agent; null for customers, and for users without an e-mail address. */
const agentOf = (one: User | null | undefined): VendorAgent | null =>
  one && isOfTeam(one) && one.email !== null ? { email: one.email, name: shortened(one.name ?? one.email, 255) } : null;

const isOfTeam = ({ role }: User): boolean => role === 'agent' || role === 'admin';

function messagesOf(given: Ticket, requester: User, people: ReadonlyMap<string, User>): VendorMessage[] {
  const { comments, description, created_at: sentAt, id } = given;
  if (comments != null) return comments.flatMap((one) => messageOf(one, requester, people) ?? []);
  // A ticket without comments has at least its description.
  const begun = { id: `${id}:description`, author_id: requester.id, body: description, created_at: sentAt };
  return [messageOf(begun, requester, people)].flatMap((message) => message ?? []);
}

/** Null for a comment without content, such as one that only changed the ticket. */
function messageOf(given: Comment, requester: User, people: ReadonlyMap<string, User>): VendorMessage | null {
  const author = authorOf(given, people);
  const attachments = (given.attachments ?? []).map((file) => ({
    url: file.content_url,
    fileName: shortened(file.file_name ?? 'file', 255),
    contentType: mediaType(file.content_type),
    sizeBytes: file.size ?? null,
  }));
  const html = (given.html_body ?? '').trim() === '' ? null : (given.html_body ?? null);
  const text = given.plain_body ?? given.body ?? null;
  if ((text ?? '').trim() === '' && html === null && attachments.length === 0) return null;
  const isInternal = given.public === false;
  // An author who is neither the requester nor known as a customer belongs to the team.
  const isCustomers = author?.id === requester.id || author?.role === 'end-user';
  const direction = isCustomers && !isInternal ? 'INBOUND' : 'OUTBOUND';
  return {
    externalId: `zendesk:${given.id}`,
    direction,
    isInternal,
    author: author?.name ? shortened(author.name, 320) : null,
    agent: direction === 'INBOUND' ? null : (agentOf(author)?.email ?? null),
    ...content(text, html),
    sentAt: given.created_at,
    attachments,
  };
}
