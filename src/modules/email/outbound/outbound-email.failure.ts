/** Why an e-mail was not sent. The reason is shown to users. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';

  constructor(
    /** The reply code of the mail server, such as 550, or a code of this application. */
    readonly code: string,
    readonly reason: string,
    /** Whether another attempt would fail as well. */
    readonly isPermanent: boolean,
    /** The error, for the log. */
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}
