import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, apiErrorOf, ConnectionError, TidySupportError } from './errors.js';
import type { ErrorBody } from './generated/things.js';

/** How requests are sent. */
export interface InitOptions {
  /** The URL of the gateway; "http://127.0.0.1:4000" when left out. */
  baseUrl?: string;
  /** The workspace of the key, begins with "wrk_"; contacts, conversations and messages need it. */
  workspaceId?: string;
  /** How often a request is retried after a transient failure; 3 when left out. */
  maxRetries?: number;
  /** How long one attempt may take, in milliseconds; 30,000 when left out. */
  timeoutMs?: number;
  /** Sends the requests; Node's own when left out. */
  fetch?: typeof fetch;
}

/** How one request is sent. */
export interface RequestOptions {
  /** Gives up at once, and throws the reason of the signal. */
  signal?: AbortSignal;
}

/** How one request that changes something is sent. */
export interface WriteOptions extends RequestOptions {
  /**
   * Identifies the request: within 24 hours it is executed once per key, whoever sends it again. Without a key, each
   * call is a separate request, and only its own retries are recognised.
   */
  idempotencyKey?: string;
}

export interface ApiRequest extends WriteOptions {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path with its query; begins with a slash. */
  path: string;
  body?: object;
}

/**
 * Sends a request, with retries, and returns the parsed response.
 * @throws TidySupportError, or the reason of the signal
 */
export type Transport = <Answer>(request: ApiRequest) => Promise<Answer>;

const firstPauseMs = 250;
const longestPauseMs = 8_000;
/** If the server asks for a longer delay, the error is thrown. */
const longestRetryAfterMs = 60_000;

/** @throws TypeError for an invalid key or option. */
export function createTransport(
  key: string,
  {
    baseUrl = 'http://127.0.0.1:4000',
    maxRetries = 3,
    timeoutMs = 30_000,
    fetch: send = globalThis.fetch,
  }: InitOptions = {},
): Transport {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('The API key must be visible ASCII characters.');
  if (!Number.isInteger(maxRetries) || maxRetries < 0)
    throw new TypeError('maxRetries must be 0 or a positive integer.');
  if (!(timeoutMs > 0)) throw new TypeError('timeoutMs must be a positive number.');
  const base = baseOf(baseUrl);

  const attempt = async <Answer>({ method, path, body, idempotencyKey, signal }: ApiRequest): Promise<Answer> => {
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await send(`${base}${path}`, {
        method,
        headers: {
          Accept: 'application/json',
          Authorization: `Bearer ${key}`,
          ...(body && { 'Content-Type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
        },
        ...(body && { body: JSON.stringify(body) }),
        // Following a redirect would send the key to another server.
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      // The OpenAPI document of the gateway defines the type.
      return readAnswer(response, await response.text()) as Answer;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TidySupportError) throw error;
      const why = limit.aborted ? `within ${timeoutMs} ms` : 'whole';
      throw new ConnectionError(`No answer came ${why} from ${base}.`, { cause: error });
    }
  };

  return async <Answer>(request: ApiRequest) => {
    const idempotencyKey = request.method === 'GET' ? undefined : (request.idempotencyKey ?? randomUUID());
    for (let retry = 0; ; retry += 1) {
      try {
        return await attempt<Answer>({ ...request, ...(idempotencyKey !== undefined && { idempotencyKey }) });
      } catch (error) {
        const pause = retry < maxRetries ? pauseAfter(error, retry) : undefined;
        if (pause === undefined) throw error;
        await wait(pause, request.signal);
      }
    }
  };
}

/** The URL without a slash at the end. */
function baseOf(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('baseUrl must be an http or https URL.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Parses the body. @throws ApiError */
function readAnswer({ status, ok, headers }: Response, text: string): unknown {
  const body = parse(text);
  if (!ok) throw apiErrorOf(errorBodyOf(status, body), retryAfterOf(headers));
  if (status === 204) return undefined;
  if (body === undefined) throw apiErrorOf(errorBodyOf(502, 'The answer was not JSON.'), undefined);
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A proxy between here and the gateway has other error bodies. */
function errorBodyOf(statusCode: number, body: unknown): ErrorBody {
  const error = STATUS_CODES[statusCode] ?? 'Error';
  const told = typeof body === 'object' ? (body as Partial<ErrorBody> | null)?.message : body;
  return { statusCode, error, message: typeof told === 'string' ? told : `The server answered ${statusCode}.` };
}

/** The delay in the Retry-After header, which contains seconds or a time. */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(milliseconds, 0);
}

/** How long to wait before the next attempt, in milliseconds; undefined when there should be none. */
function pauseAfter(error: unknown, retry: number): number | undefined {
  if (!(error instanceof ConnectionError) && !isPassing(error)) return undefined;
  const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
  if (asked !== undefined && asked > longestRetryAfterMs) return undefined;
  // Random, so that requests that failed together are not retried together.
  const pause = Math.min(firstPauseMs * 2 ** retry, longestPauseMs) * (0.5 + Math.random() / 2);
  return Math.max(pause, asked ?? 0);
}

/** A conflict is transient if the server says so: then the first attempt, whose response was lost, is still running. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiError &&
  ([429, 502, 503, 504].includes(error.statusCode) || (error.statusCode === 409 && error.retryAfterMs !== undefined));

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal && { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
