/** Why a mail was not handed over, in words for the people of the desk. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';

  constructor(
    /** The reply of the mail server, such as 550, or a word of ours. */
    readonly code: string,
    readonly reason: string,
    /** Whether it would be the same another time. */
    readonly isPermanent: boolean,
    /** What happened, for the log. */
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}
