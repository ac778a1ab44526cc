import { createHash } from 'node:crypto';
import type { Channel } from '../../../generated/prisma/client.js';
import { comparableMailId } from '../../conversation/message/mail/mail-id.js';
import type { MailParticipant } from '../../conversation/message/mail/message.participants.js';
import type { Parties } from './inbound-email.parties.js';
import { hasId, type MailedMessage } from './inbound-email.threads.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

type SentMail = ParsedMail & { from: MailParticipant };

/** The message that the e-mail answers, of a contact who is not deleted: the most direct one. */
export function answeredOf(
  { answers, messageId }: ParsedMail,
  stored: readonly MailedMessage[],
  channel: Channel | null,
): MailedMessage | undefined {
  const candidates = answers.filter((id) => comparableMailId(id) !== comparableMailId(messageId));
  for (const id of candidates) {
    const named = stored.filter((message) => hasId(message, id) && !message.contactDeleted);
    // Of mails with one Message-ID, the one of the channel that the answer came to.
    const found = named.find(({ channelId }) => channel && channelId === channel.id) ?? named[0];
    if (found) return found;
  }
  return undefined;
}

/**
 * The message that is the same e-mail. Only the same content of the same sender in the same channel is: programs send all
 * their e-mails under one Message-ID.
 */
export function knownOf(
  mail: SentMail,
  stored: readonly MailedMessage[],
  { channel, isOurs }: Pick<Parties, 'channel' | 'isOurs'>,
  answeredIn: string | null,
): MailedMessage | undefined {
  const channelIds = [answeredIn, channel?.id ?? null];
  const digests = channelIds.map((channelId) => digestOf(mail, channelId));
  return stored.find((message) => {
    if (!hasId(message, mail.messageId)) return false;
    if (message.emailDigest !== null) return digests.includes(message.emailDigest);
    // Without a digest: what the team sent and got a copy of, or what was stored before there were digests.
    return message.direction === 'INBOUND' || isOurs;
  });
}

/** What tells the e-mail from others under its Message-ID. */
export function digestOf({ from, subject, text, html, attachments }: SentMail, channelId: string | null): string {
  const files = attachments.map(({ fileName, sizeBytes }) => [fileName, sizeBytes]);
  const said = JSON.stringify([channelId, from.address.toLowerCase(), subject, text, html, files]);
  return createHash('sha256').update(said).digest('base64url');
}
