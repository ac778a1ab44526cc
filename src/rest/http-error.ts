/** What a refusal says beside its words, for the dialects that tell programs. */
export interface About {
  /** What kind of refusal it is, where the status does not say it. */
  code?: string;
  /** What in the request it is about, as the callers of the dialect name it. */
  param?: string;
  /** Whether that, or the key, is not there at all. */
  isMissing?: boolean;
}

/** Why a request is not answered as it was meant to be; each dialect has words of its own for it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly about: About = {},
  ) {
    super(message);
  }
}
