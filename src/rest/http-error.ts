/** Details of a refusal, for dialects that return them. */
export interface About {
  /** What kind of refusal it is, where the status does not say it. */
  code?: string;
  /** What in the request it is about, as the callers of the dialect name it. */
  param?: string;
  /** Whether the parameter, or the key, is missing. */
  isMissing?: boolean;
}

/** A request is refused. Each dialect words the response in its own way. */
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
