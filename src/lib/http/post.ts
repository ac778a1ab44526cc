import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type AllowedTargets, ForbiddenTarget, isForbiddenHost, type ResolveName, resolveTarget } from './targets.js';

/** The result of a request: the response, or the reason why there is none. */
export type PostOutcome =
  | { kind: 'answered'; status: number; excerpt: string; retryAfter: string | undefined }
  | { kind: 'timed out' }
  | { kind: 'forbidden'; reason: string }
  | { kind: 'unreachable'; reason: string };

export interface Poster {
  /**
   * Posts a body and waits for the whole response. Does not follow redirects. Connects only to public addresses and to
   * allowed ones.
   * @throws the reason of `signal` when it fires first.
   */
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<PostOutcome>;
}

export interface PosterOptions {
  allowed: AllowedTargets;
  /** The time limit for resolving, connecting, sending and receiving together, in milliseconds. */
  timeoutMs: number;
  /** How names are resolved; by the name servers when left out. */
  resolve?: ResolveName;
}

/** How much of a response is read, and how much of it is kept. */
const maxAnswerBytes = 64 * 1024;
const maxExcerptBytes = 1024;
/** The maximum number of interim responses (1xx). A server could send any number of them, and each takes time. */
const maxInterimAnswers = 10;

const userAgent = 'Deskgraph-Webhooks/1';

export function createPoster({ allowed, timeoutMs, resolve: resolveName }: PosterOptions): Poster {
  /** Resolves and checks in one step, so that the connection goes to the address that was checked. */
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolveTarget(hostname, allowed, resolveName).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all || !first) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
  const options = { keepAlive: true, maxFreeSockets: 64, timeout: timeoutMs };
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };

  const send = async (url: URL, request: RequestOptions, body: string): Promise<PostOutcome> => {
    // An IP address is used without a look-up, so it is checked here.
    if (isForbiddenHost(url.hostname, allowed)) throw new ForbiddenTarget(url.hostname);
    const begin = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const agent = agents[url.protocol === 'https:' ? 'https:' : 'http:'];
    return new Promise((resolve, reject) => {
      const sent = begin(url, { ...request, agent, lookup }, (answer) => {
        read(answer).then((excerpt) => {
          const retryAfter = answer.headers['retry-after'];
          resolve({ kind: 'answered', status: answer.statusCode ?? 0, excerpt, retryAfter });
        }, reject);
      });
      let interimAnswers = 0;
      sent.on('information', () => {
        interimAnswers += 1;
        if (interimAnswers > maxInterimAnswers) sent.destroy(new Error('It sent interim answers without end.'));
      });
      // A server may close an idle connection just when it is used again. That is nobody's fault, so the request is
      // sent once more.
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        if (isStale) resolve(send(url, request, body));
        else reject(error);
      });
      sent.end(body);
    });
  };

  return {
    async post(target, headers, body, signal) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const either = AbortSignal.any([timeout, signal]);
      const request: RequestOptions = {
        method: 'POST',
        headers: {
          ...headers,
          'content-length': String(Buffer.byteLength(body)),
          'user-agent': userAgent,
          'accept-encoding': 'identity',
        },
        signal: either,
      };
      try {
        const url = new URL(target);
        // A look-up cannot be aborted.
        return await Promise.race([send(url, request, body), fired(either)]);
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.aborted) return { kind: 'timed out' };
        if (error instanceof ForbiddenTarget) return { kind: 'forbidden', reason: error.message };
        return { kind: 'unreachable', reason: reasonOf(error) };
      }
    },
  };
}

/** Reads a response to its end or to the limit. Returns its beginning. */
async function read(answer: IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let [keptBytes, bytes] = [0, 0];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (keptBytes < maxExcerptBytes) {
      const part = chunk.subarray(0, maxExcerptBytes - keptBytes);
      kept.push(part);
      keptBytes += part.length;
    }
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > maxAnswerBytes) break;
  }
  // PostgreSQL cannot store NUL, and the cut may split a character.
  return Buffer.concat(kept)
    .toString('utf8')
    .replaceAll('\0', '')
    .replace(/\uFFFD$/, '');
}

const fired = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** The system's error code, such as ENOTFOUND or CERT_HAS_EXPIRED. */
function reasonOf(error: unknown): string {
  // Several addresses were tried. They mostly fail for the same reason.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  return 'code' in first && typeof first.code === 'string' ? first.code : first.message.slice(0, 200);
}
