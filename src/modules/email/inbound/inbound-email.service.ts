import type { Caller } from '../../../auth/caller.js';
import { type Database, isUniqueViolation } from '../../../db/database.js';
import { faultOf } from '../../../db/faults/faults.js';
import { readId } from '../../../db/global-id.js';
import { AppError, notFound } from '../../../errors.js';
import type { Channel, RejectedMail } from '../../../generated/prisma/client.js';
import { authenticationOf } from '../../../lib/mail/authentication-results.js';
import type { FileStore } from '../../file/file.store.js';
import { forgetRejected, keepRejected } from '../rejected/rejected-mail.writes.js';
import { MailRejection, reasonOf } from '../rejected/rejection.js';
import { numberedThreads } from '../subject-number.js';
import { threadAddresses } from '../thread-address.js';
import { headOf } from './inbound-email.head.js';
import { mailboxesOf, partiesOf } from './inbound-email.parties.js';
import { type Placement, type ReceivedMail, storeMail } from './inbound-email.store.js';
import type { ParsedMail } from './reading/inbound-email.parse.js';
import { type MailReader, type PostedMail, UnreadableMail } from './reading/inbound-email.reader.js';

export type { ReceivedMail };

export type InboundMailService = ReturnType<typeof inboundMailService>;

/** The body of a request with an e-mail. */
export interface PostedBody {
  contentType: string | undefined;
  body: Uint8Array;
  /** The channel if no channel has one of the recipient addresses. */
  channelId: string | null;
}

/** An e-mail that became no message. */
export interface RefusedMail {
  error: AppError;
  /** Where it is kept; null if too many are kept already. */
  kept: RejectedMail | null;
  /** False if it was kept before. */
  isNew: boolean;
}

/** `authservIds` name the mail servers that are believed what they found out about senders, in lower case. */
export function inboundMailService(
  db: Database,
  files: FileStore,
  reader: Pick<MailReader, 'read'>,
  authservIds: ReadonlySet<string> = new Set(),
) {
  const threads = threadAddresses(db);

  /**
   * Stores an e-mail as a message: in the conversation that it answers, else as the first message of a new conversation
   * with its author, who becomes a contact. `channelId` is the channel if no channel has one of the recipient addresses.
   * @throws MailRejection for an e-mail without a sender, of the team to itself, or without a channel.
   */
  const receive = async (
    caller: Caller,
    mail: ParsedMail & Partial<PostedMail>,
    channelId: string | null = null,
  ): Promise<ReceivedMail> => {
    const { from } = mail;
    if (!from) {
      const message = 'The mail has no sender: its headers name no address.';
      throw new MailRejection('NO_SENDER', message, { path: ['from'] });
    }
    const mailboxes = await mailboxesOf(db, caller);
    const parties = await partiesOf(db, caller, { ...mail, from }, mailboxes);
    const { channel } = parties;
    const placement = channel ? { channel, noChannel: null } : namedChannel(mailboxes, channelId);
    const named = { subject: mail.subject, sender: parties.author.address };
    const numbered = await numberedThreads(db, caller.workspaceId, named);
    const authenticated = authenticationOf(mail.authentication, authservIds);
    // Mails of the team would be taken for those of agents, whose addresses are known.
    const mayJoin = !parties.isOurs && authenticated?.dmarc !== 'FAIL';
    const threadId =
      (await threads.namedBy(caller.workspaceId, mail.recipients)) ??
      (mayJoin ? numbered.find(({ takesPart }) => takesPart)?.id : null) ??
      null;
    const contents = [...(mail.raw ? [mail.raw] : []), ...mail.contents.map(({ bytes }) => bytes)];
    return files.keep(caller.workspaceId, contents, async (digests) => {
      const rawDigest = mail.raw ? (digests[0] ?? null) : null;
      const stored = { ...mail, from, authenticated, rawDigest, digests: mail.raw ? digests.slice(1) : digests };
      const store = () =>
        db.transaction(async (tx) => {
          const received = await storeMail(tx, caller, stored, { ...parties, ...placement, threadId, numbered });
          if (rawDigest !== null) await forgetRejected(tx, caller.workspaceId, rawDigest);
          return received;
        });
      try {
        return await store();
      } catch (error) {
        // The same e-mail was stored meanwhile, which the second attempt finds.
        if (!isUniqueViolation(error)) throw error;
        return store();
      }
    });
  };

  /** Keeps what cannot become a message. @throws the error, if the same e-mail is to be sent again */
  const reject = async (
    { workspaceId }: Caller,
    { contentType, body }: PostedBody,
    mail: PostedMail | null,
    thrown: unknown,
  ): Promise<RefusedMail> => {
    const error = lastingError(thrown);
    const reason = reasonOf(error);
    if (reason === null || !(error instanceof AppError)) throw error;
    const found = mail ?? (error instanceof UnreadableMail ? error.found : null);
    const head = mail ? { sender: mail.from?.address ?? null, subject: mail.subject } : headOf(found?.raw ?? body);
    const kept = await keepRejected(db, files, workspaceId, {
      reason,
      message: error.message,
      bytes: found?.raw ?? body,
      contentType: found ? null : (contentType ?? '').slice(0, maxContentType),
      ...head,
      recipients: found?.recipients ?? [],
    });
    return { error, kept: kept?.mail ?? null, isNew: kept?.isNew ?? false };
  };

  return {
    receive,

    /** Makes a message of the e-mail in the body of a request, or keeps it with the reason why it became none. */
    async take(caller: Caller, posted: PostedBody): Promise<ReceivedMail | RefusedMail> {
      let mail: PostedMail | null = null;
      try {
        mail = await reader.read(posted.contentType, posted.body);
        return await receive(caller, mail, posted.channelId);
      } catch (error) {
        return reject(caller, posted, mail, error);
      }
    },
  };
}

const maxContentType = 255;

/** A mail that meets a defect would meet it again, so it is kept as one that cannot be read. */
function lastingError(thrown: unknown): unknown {
  if (thrown instanceof AppError || faultOf(thrown)) return thrown;
  return new MailRejection('UNREADABLE', 'The mail meets a defect of the gateway.', { cause: thrown });
}

/** The channel that the request names, or why it names none. */
function namedChannel(mailboxes: readonly Channel[], channelId: string | null): Placement {
  if (channelId === null) {
    const message = 'No e-mail channel has one of the addresses that the mail is sent to.';
    return { channel: null, noChannel: new MailRejection('UNKNOWN_RECIPIENT', message, { code: 'NOT_FOUND' }) };
  }
  try {
    const id = readId('Channel', channelId, ['channel']);
    const channel = mailboxes.find((candidate) => candidate.id === id);
    if (channel) return { channel, noChannel: null };
    throw notFound('E-mail channel', ['channel']);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, code } = error;
    return { channel: null, noChannel: new MailRejection('UNKNOWN_RECIPIENT', message, { code, path: ['channel'] }) };
  }
}
