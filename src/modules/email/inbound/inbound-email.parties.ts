import type { Caller } from '../../../auth/caller.js';
import { type Database, sql } from '../../../db/database.js';
import type { Agent, Channel } from '../../../generated/prisma/client.js';
import { comparableAddress, oneSpelling } from '../../../lib/text/email.js';
import type { MailParticipant } from '../../conversation/message/mail/message.participants.js';
import { nameBeforeVia } from './reading/inbound-email.addresses.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

/** The people and addresses in an inbound e-mail. */
export interface Parties {
  /** The author; for an e-mail of the team, the sender. */
  author: MailParticipant;
  /** Whether the team wrote it, which means that it came from the address of an agent or a channel. */
  isOurs: boolean;
  /** The agent with the sender's address. */
  agent: Agent | null;
  /**
   * The author and, if another address sent the e-mail for the author, that one too. Addresses of the team are left
   * out.
   */
  senders: MailParticipant[];
  /** For an e-mail of the team: the first recipient that is not one of the channels or the sender; null if there is none. */
  addressee: MailParticipant | null;
  /** The channel that received or sent the e-mail; null if no channel has one of the addresses. */
  channel: Channel | null;
}

/** The e-mail channels of the workspace, oldest first. A workspace has only a few of them. */
export const mailboxesOf = (db: Database, { workspaceId }: Caller): Promise<Channel[]> =>
  db.prisma.channel.findMany({ where: { workspaceId, kind: 'EMAIL' }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });

export async function partiesOf(
  db: Database,
  { workspaceId }: Caller,
  mail: ParsedMail & { from: MailParticipant },
  mailboxes: readonly Channel[],
): Promise<Parties> {
  const { from, replyTo, to, cc } = mail;
  const byAddress = new Map<string, Channel>();
  for (const mailbox of mailboxes) {
    for (const address of [mailbox.address, ...mailbox.otherAddresses]) {
      const comparable = address === null ? null : comparableAddress(address);
      if (comparable !== null && !byAddress.has(comparable)) byAddress.set(comparable, mailbox);
    }
  }
  const channelOf = (address: string): Channel | undefined => {
    const comparable = comparableAddress(address);
    return byAddress.get(comparable) ?? byAddress.get(comparable.replace(/\+[^@]*@/, '@'));
  };
  const isChannel = ({ address }: MailParticipant): boolean => channelOf(address) !== undefined;
  const [agent = null] = await db.prisma.$queryRaw<Agent[]>(sql`SELECT a.* FROM "Agent" AS a
    WHERE a."workspaceId" = ${workspaceId} AND lower(a."email") = lower(${oneSpelling(from.address)}) LIMIT 1`);
  const channel = mail.recipients.map(channelOf).find((found) => found !== undefined) ?? null;
  const author = authorOf(mail, channel, isChannel);
  const isOwnSender = agent !== null || isChannel(from);
  const isOurs = author === from && isOwnSender;
  const senders = [...(author === from ? [] : [author]), ...(isOwnSender ? [] : [from])];
  const addressee = isOurs
    ? ([...to, ...cc, ...replyTo].find((one) => !isChannel(one) && !isSame(one, from)) ?? null)
    : null;
  return { author, isOurs, agent: isOurs ? agent : null, senders, addressee, channel };
}

const nobody =
  /^(?:no|do[-_.]?not|never|nicht)[-_.]?(?:reply|answer|antworten|responder)|^(?:noreply|donotreply|ne[-_.]?pas[-_.]?repondre|keine[-_.]?antwort)/i;
const form =
  /^(?:wordpress|www(?:-data)?|web|website|webform|forms?|contact-?form|form(?:mail|submissions?)|apache|nginx|httpd|nobody|notifications?|mailer)(?:[-_.+]|@|$)/i;

/**
 * The author of the e-mail. Forms, mailing lists and services send from their own addresses and name the author in
 * Reply-To. Mailing lists also use headers of their own.
 */
function authorOf(
  { from, replyTo, author, isList, to }: ParsedMail & { from: MailParticipant },
  channel: Channel | null,
  isChannel: (one: MailParticipant) => boolean,
): MailParticipant {
  const isOther = (one: MailParticipant): boolean => !isChannel(one) && !isSame(one, from);
  if (author && isOther(author) && (isList || isChannel(from)))
    return { ...author, name: author.name ?? nameBeforeVia(from.name) };
  const others = replyTo.filter(isOther).filter((one) => !isList || !to.some((list) => isSame(list, one)));
  const [other] = others;
  if (!other) return from;
  const local = from.address.slice(0, from.address.lastIndexOf('@'));
  const sendsForOthers =
    isChannel(from) ||
    isList ||
    nobody.test(local) ||
    form.test(local) ||
    to.some((one) => isSame(one, from)) ||
    (channel?.address != null &&
      hostOf(channel.address) === hostOf(from.address) &&
      hostOf(other.address) !== hostOf(from.address));
  return sendsForOthers ? { ...other, name: other.name ?? nameBeforeVia(from.name) } : from;
}

const isSame = (one: MailParticipant, other: MailParticipant): boolean =>
  comparableAddress(one.address) === comparableAddress(other.address);

const hostOf = (address: string): string => comparableAddress(address).slice(address.lastIndexOf('@') + 1);
