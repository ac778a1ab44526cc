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

/** The body of a request that contains an e-mail. */
export interface PostedBody {
  contentType: string | undefined;
  body: Uint8Array;
  /** The channel to use if no channel has one of the recipient addresses. */
  channelId: string | null;
}

/** An e-mail that did not become a message. */
export interface RefusedMail {
  error: AppError;
  /** The stored e-mail; null if the workspace already keeps too many rejected mails. */
  kept: RejectedMail | null;
  /** False if the e-mail had already been kept. */
  isNew: boolean;
}

/** `authservIds` are the names, in lower case, of the mail servers whose authentication results are trusted. */
export function inboundMailService(
  db: Database,
  files: FileStore,
  reader: Pick<MailReader, 'read'>,
  authservIds: ReadonlySet<string> = new Set(),
) {
  const threads = threadAddresses(db);

  /**
   * Stores an e-mail as a message: in the conversation that it answers, else as the first message of a new
   * conversation. The author, or the first recipient if the team wrote it, becomes the contact of a new conversation. `channelId` is used if no channel has one of
   * the recipient addresses.
   * @throws MailRejection if there is no sender or no channel, or if the team writes only to itself.
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
    // The sender can be forged and the addresses of agents are public, so mail of the team cannot join by a number.
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
        // Another transaction has stored the same e-mail. The second attempt finds it.
        if (!isUniqueViolation(error)) throw error;
        return store();
      }
    });
  };

  /** Keeps an e-mail that cannot become a message. @throws the error if the sender should send the same e-mail again */
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

    /**
     * Stores the e-mail in a request body as a message. If that fails for a lasting reason, keeps it with that reason.
     */
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

/** An e-mail that triggers a defect would trigger it again, so it is kept as unreadable. */
function lastingError(thrown: unknown): unknown {
  if (thrown instanceof AppError || faultOf(thrown)) return thrown;
  return new MailRejection('UNREADABLE', 'The mail triggers a defect of the gateway.', { cause: thrown });
}

/** The channel that the request names; without one, the error to throw if the e-mail answers no conversation. */
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
