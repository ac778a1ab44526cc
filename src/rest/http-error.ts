/** Details of a refusal, for dialects that return them. */
export interface About {
  /** The error code, if the status alone does not determine it. */
  code?: string;
  /** The faulty part of the request, by its name in the dialect. */
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
