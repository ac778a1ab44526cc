import { AppError, type ErrorCode } from '../../../errors.js';
import type { RejectionReason } from '../../../generated/prisma/client.js';
import { UnreadableMail } from '../inbound/reading/inbound-email.reader.js';

/** An e-mail that cannot become a message as things are. */
export class MailRejection extends AppError {
  constructor(
    readonly reason: RejectionReason,
    message: string,
    { code = 'BAD_USER_INPUT', path = [], cause }: { code?: ErrorCode; path?: readonly string[]; cause?: unknown } = {},
  ) {
    super(code, message, { path }, { cause });
  }
}

/** What is wrong with the e-mail itself; other errors may go away by themselves. */
const lasting: readonly ErrorCode[] = ['BAD_USER_INPUT', 'NOT_FOUND', 'CONFLICT'];

/** Why the e-mail became no message; null for an error after which the same e-mail is to be sent again. */
export function reasonOf(error: unknown): RejectionReason | null {
  if (error instanceof MailRejection) return error.reason;
  if (error instanceof UnreadableMail) return 'UNREADABLE';
  return error instanceof AppError && lasting.includes(error.code) ? 'UNREADABLE' : null;
}
