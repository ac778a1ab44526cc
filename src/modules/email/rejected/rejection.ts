import { AppError, type ErrorCode } from '../../../errors.js';
import type { RejectionReason } from '../../../generated/prisma/client.js';
import { UnreadableMail } from '../inbound/reading/inbound-email.reader.js';

/** An e-mail that cannot become a message unless something changes. */
export class MailRejection extends AppError {
  constructor(
    readonly reason: RejectionReason,
    message: string,
    { code = 'BAD_USER_INPUT', path = [], cause }: { code?: ErrorCode; path?: readonly string[]; cause?: unknown } = {},
  ) {
    super(code, message, { path }, { cause });
  }
}

/** Errors that are caused by the e-mail itself. Other errors may pass. */
const lasting: readonly ErrorCode[] = ['BAD_USER_INPUT', 'NOT_FOUND', 'CONFLICT'];

/** Why the e-mail was rejected; null for a passing error, after which the sender should send the same e-mail again. */
export function reasonOf(error: unknown): RejectionReason | null {
  if (error instanceof MailRejection) return error.reason;
  if (error instanceof UnreadableMail) return 'UNREADABLE';
  return error instanceof AppError && lasting.includes(error.code) ? 'UNREADABLE' : null;
}
