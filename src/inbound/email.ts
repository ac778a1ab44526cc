import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Services } from '../context.js';
import { faultOf, logFailure, toldOf } from '../db/faults/faults.js';
import { AppError, type ErrorCode } from '../errors.js';
import { ClientGone, createBodyReader } from '../lib/http/body.js';
import type { SenderOf } from '../lib/http/sender.js';
import type { Log } from '../lib/process/log.js';
import { mailFormatOf } from '../modules/email/inbound/reading/inbound-email.envelope.js';
import { createMailReader } from '../modules/email/inbound/reading/inbound-email.reader.js';

/** Takes mails in over HTTP, as mail servers and mail services post them. */
export interface InboundEmail {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export interface InboundEmailOptions {
  services: Services;
  senderOf: SenderOf;
  log: Log;
  /** How many bytes the body of a request has at most. */
  maxBytes: number;
}

/** So many mails of the greatest size are held in memory at once. */
const largestMailsUnderWay = 8;

const scope = 'conversations:write';

/** Why a mail was not taken in. */
interface HttpError {
  status: number;
  code: string;
  message: string;
  headers?: Record<string, string>;
  /** What else the answer tells. */
  details?: Record<string, string>;
}

export function createInboundEmail({ services, senderOf, log, maxBytes }: InboundEmailOptions): InboundEmail {
  const reader = createMailReader();
  const bodies = createBodyReader(maxBytes, largestMailsUnderWay * maxBytes);

  /** Whom the key stands for, asked before the body is read. */
  const authenticate = async (request: IncomingMessage) => {
    const key = keyOf(request.headers.authorization);
    const caller = await services.authentication.authenticate(key, senderOf(request));
    if (caller.scopes.has(scope)) return caller;
    throw new AppError('FORBIDDEN', `This API key lacks the scope ${scope}.`, { requiredScope: scope });
  };

  const receive = async (request: IncomingMessage): Promise<{ status: number; body: object } | HttpError> => {
    if (request.method !== 'POST') return notPost;
    const caller = await authenticate(request);
    const contentType = request.headers['content-type'];
    if (mailFormatOf(contentType) === null) return unsupported;
    const received = await bodies.read(request);
    if (received === 'TOO_LARGE') return tooLarge(maxBytes);
    if (received === 'FULL') return full;
    try {
      const mail = await reader.read(contentType, received.body);
      const channelId = new URL(request.url ?? '', 'http://localhost').searchParams.get('channel');
      const { result, ...ids } = await services.inboundMail.receive(caller, mail, channelId);
      return { status: result === 'CREATED' ? 201 : 200, body: ids };
    } finally {
      received.release();
    }
  };

  return {
    async answer(request, response) {
      try {
        const answer = await receive(request);
        if ('body' in answer) send(response, answer.status, answer.body);
        else refuse(response, answer);
      } catch (error) {
        refuse(response, httpErrorOf(error));
        if (error instanceof AppError || error instanceof ClientGone) return;
        logFailure(log, error, 'A mail could not be taken in.');
      }
    },
    close: () => reader.close(),
  };
}

/** The key of `Authorization: Bearer KEY`, or of a URL that bears it as the password: `https://any:KEY@…`. */
function keyOf(header = ''): string | undefined {
  const [, basic] = /^Basic +([\w+/=-]+) *$/i.exec(header) ?? [];
  if (basic === undefined) return /^Bearer +(\S+) *$/i.exec(header)?.[1];
  return /^[^:]*:(.+)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1];
}

const notPost: HttpError = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'Mails are sent here with POST.',
  headers: { allow: 'POST' },
};

const unsupported: HttpError = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'A mail comes as message/rfc822, as a field of multipart/form-data, or as a field of application/json.',
};

const tooLarge = (maxBytes: number): HttpError => ({
  status: 413,
  code: 'REQUEST_ENTITY_TOO_LARGE',
  message: `A request has at most ${maxBytes} bytes.`,
});

const full: HttpError = {
  status: 503,
  code: 'UNAVAILABLE',
  message: 'Too many large mails are being taken in; try again.',
  headers: { 'retry-after': '10' },
};

const statuses: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

function httpErrorOf(thrown: unknown): HttpError {
  const fault = faultOf(thrown);
  const error = (fault && toldOf(fault)) ?? thrown;
  const status = error instanceof AppError ? statuses[error.code] : undefined;
  if (!(error instanceof AppError) || status === undefined) {
    return { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'The mail could not be taken in; try again.' };
  }
  const { code, message } = error;
  const { requiredScope, retryAfter } = error.details;
  return {
    status,
    code,
    message,
    ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
    ...(status === 401 && { headers: { 'www-authenticate': 'Bearer, Basic realm="Deskgraph"' } }),
    ...(requiredScope !== undefined && { details: { requiredScope } }),
  };
}

function refuse(response: ServerResponse, { status, code, message, headers, details }: HttpError): void {
  send(response, status, { error: { code, message, ...details } }, headers);
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  const fixed = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, { ...fixed, ...headers }).end(JSON.stringify(body));
}
