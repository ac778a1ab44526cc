import { createHash } from 'node:crypto';
import type { Channel } from '../../../generated/prisma/client.js';
import { comparableMailId } from '../../conversation/message/mail/mail-id.js';
import type { MailParticipant } from '../../conversation/message/mail/message.participants.js';
import type { Parties } from './inbound-email.parties.js';
import { hasId, type MailedMessage } from './inbound-email.threads.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';

type SentMail = ParsedMail & { from: MailParticipant };

/** The message that the e-mail answers: the most direct one whose contact is not deleted. */
export function answeredOf(
  { answers, messageId }: ParsedMail,
  stored: readonly MailedMessage[],
  channel: Channel | null,
): MailedMessage | undefined {
  const candidates = answers.filter((id) => comparableMailId(id) !== comparableMailId(messageId));
  for (const id of candidates) {
    const named = stored.filter((message) => hasId(message, id) && !message.contactDeleted);
    // If several messages have this Message-ID, prefer the one in the channel that received the answer.
    const found = named.find(({ channelId }) => channel && channelId === channel.id) ?? named[0];
    if (found) return found;
  }
  return undefined;
}

/**
 * The stored message that is the same e-mail. Some programs send all their e-mails with one Message-ID, so the content,
 * the sender and the channel must be equal as well.
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
    // No digest: a message that the team sent and received a copy of, or one stored before digests were introduced.
    return message.direction === 'INBOUND' || isOurs;
  });
}

/** A digest that distinguishes the e-mail from others with the same Message-ID: SHA-256 in base64url. */
export function digestOf({ from, subject, text, html, attachments }: SentMail, channelId: string | null): string {
  const files = attachments.map(({ fileName, sizeBytes }) => [fileName, sizeBytes]);
  const said = JSON.stringify([channelId, from.address.toLowerCase(), subject, text, html, files]);
  return createHash('sha256').update(said).digest('base64url');
}
