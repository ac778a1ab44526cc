import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { Context } from '../../context.js';
import { AppError, badInput } from '../../errors.js';
import { ClientGone, createBodyReader, isGone, smallBytes } from '../../lib/http/body.js';
import { InexactJson, requireExactJson } from '../../lib/json/exact-json.js';
import { ExcessiveJson, parseJsonBody, requireJsonWithin } from '../../lib/json/json.js';
import type { Received } from '../limits/budget.js';
import { requestBounds } from '../limits/document.js';
import type { DocumentTurns } from '../limits/document-turns.js';

/** How many bodies of the maximum size a key may have in memory at once. */
const largestUnderWay = 16;

/**
 * Reads JSON bodies directly from Node's request, up to the size limit. Reading through the web streams of a fetch
 * Request takes as long as all other work for a small request. Calls within the process have no Node request and bring
 * the body with them. Large bodies wait for their turn to be parsed.
 */
export function readBodies(
  maxBytes: number,
  turns: DocumentTurns,
): Plugin<object, Partial<Context> & { req?: IncomingMessage } & Received> {
  const bodies = createBodyReader(maxBytes, Number.POSITIVE_INFINITY, largestUnderWay * maxBytes);
  return {
    onRequestParse({ request, serverContext, setRequestParser }) {
      const { req, caller } = serverContext;
      if (!req || request.method !== 'POST') return;
      setRequestParser(async () => {
        const isSmall = Number(req.headers['content-length']) <= Math.min(smallBytes, maxBytes);
        const received = isSmall
          ? { body: await receive(req), release: () => undefined }
          : await bodies.read(req, caller?.keyId ?? caller?.workspaceId);
        if (received === 'TOO_LARGE') throw tooLarge(maxBytes);
        if (received === 'FULL') throw tooMany();
        const { body, release } = received;
        try {
          serverContext.bodyBytes = body.length;
          if (caller) await turns.wait(caller, body.length);
          return paramsOf(body);
        } finally {
          release();
        }
      });
    },
  };
}

/** A body of a known length. @throws ClientGone */
function receive(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    if (isGone(request)) return reject(new ClientGone());
    const breakOff = () => reject(new ClientGone());
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('close', breakOff);
    request.once('end', () => {
      // The connection also closes after a normal end. Creating an error for that would be slow.
      request.off('close', breakOff);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
  });
}

/** @throws SyntaxError when it is not JSON in UTF-8, BAD_USER_INPUT when it is too large. */
function paramsOf(body: Buffer): GraphQLParams | GraphQLParams[] {
  const params = read(body);
  if (Array.isArray(params)) return params.map(asParams);
  return asParams(params);
}

function asParams(params: unknown): GraphQLParams {
  if (typeof params === 'object' && params !== null && !Array.isArray(params)) return withoutEmpty(params);
  const extensions = { code: 'BAD_REQUEST', http: { status: 400 } };
  throw new GraphQLError('An operation must be a JSON object.', { extensions });
}

/** Some clients send an empty string for a missing name, variables or extensions, as in a URL. */
function withoutEmpty(params: GraphQLParams): GraphQLParams {
  if (!emptiable.some((name) => params[name] === '')) return params;
  return Object.fromEntries(
    Object.entries(params).filter(([name, value]) => value !== '' || !emptiable.some((one) => one === name)),
  );
}

const emptiable = ['operationName', 'variables', 'extensions'] as const;

const read = (body: Buffer): unknown => orExplain(() => parseJsonBody(body, requestBounds));

/** Applies the JSON limits of bodies to the JSON in the URL of a GET request. */
export const readUrls: Plugin = {
  onRequestParse({ request, requestParser, setRequestParser }) {
    if (request.method !== 'GET' || !requestParser) return;
    setRequestParser((parsed) => {
      const { searchParams } = new URL(parsed.url);
      for (const name of ['variables', 'extensions']) {
        const json = Buffer.from(searchParams.get(name) ?? '');
        orExplain(() => {
          requireJsonWithin(json, requestBounds);
          requireExactJson(json);
        }, [name]);
      }
      return requestParser(parsed);
    });
  },
};

/**
 * `place` is the path of the JSON in the request.
 * @throws BAD_USER_INPUT for JSON that cannot be represented exactly.
 */
function orExplain<Result>(work: () => Result, place: readonly string[] = []): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExcessiveJson) throw badInput(['variables'], `A request ${error.message}.`);
    if (error instanceof InexactJson) throw inexact(error, [...place, ...error.path]);
    throw error;
  }
}

/** The error for JSON that cannot be represented exactly. */
export const inexact = ({ message }: InexactJson, path: readonly (string | number)[]): AppError =>
  badInput(path, `${path.join('.') || 'The request'} ${message}.`);

function tooLarge(maxBytes: number): GraphQLError {
  return new GraphQLError(`A request has at most ${maxBytes} bytes.`, {
    extensions: { code: 'REQUEST_ENTITY_TOO_LARGE', http: { status: 413 } },
  });
}

const tooMany = (): AppError => {
  const message = 'This key has too many large requests under way; try again.';
  return new AppError('RATE_LIMITED', message, { retryable: true, retryAfter: 5 });
};
