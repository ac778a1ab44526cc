import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultOf, logFailure, toldOf } from '../db/faults/faults.js';
import { AppError, InvalidInput } from '../errors.js';
import { ClientGone, createBodyReader } from '../lib/http/body.js';
import type { SenderOf } from '../lib/http/sender.js';
import { parseJsonBody } from '../lib/json/json.js';
import type { Log } from '../lib/process/log.js';
import { list, parseInput } from '../lib/values/validation.js';
import type { Services } from '../services.js';
import { send } from './answers.js';

/** Accepts reports of keys that were found in public, in the format of GitHub's secret scanning. */
export interface LeakedKeys {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface LeakedKeysOptions {
  services: Pick<Services, 'leaks' | 'authentication'>;
  senderOf: SenderOf;
  log: Log;
  /** The public key, in PEM, that verifies reports. When absent, anybody who knows a key may report it. */
  publicKey?: string;
}

const maxBytes = 512 * 1_024;
const maxBodiesUnderWay = 8;
const maxReports = 100;
const bounds = { depth: 4, values: 10 * maxReports };

const reports = list(
  z.object({
    token: z.string().max(500, 'Must have at most 500 characters.'),
    type: z.string().max(200, 'Must have at most 200 characters.').nullish(),
    url: z.string().max(2_000, 'Must have at most 2000 characters.').nullish(),
  }),
  maxReports,
  `At most ${maxReports} reports at once.`,
);

export function createLeakedKeys({ services, senderOf, log, publicKey }: LeakedKeysOptions): LeakedKeys {
  const signer = publicKey === undefined ? undefined : createPublicKey(publicKey);
  const bodies = createBodyReader(maxBytes, maxBodiesUnderWay * maxBytes);

  const receive = async (request: IncomingMessage): Promise<{ status: number; body: object }> => {
    if (request.method !== 'POST') return refusal(405, 'METHOD_NOT_ALLOWED', 'Reports are sent here with POST.');
    const received = await bodies.read(request);
    if (received === 'TOO_LARGE') return refusal(413, 'REQUEST_ENTITY_TOO_LARGE', `At most ${maxBytes} bytes.`);
    if (received === 'FULL') return refusal(503, 'UNAVAILABLE', 'Too many reports are under way; try again.');
    try {
      if (signer && !isSigned(request, received.body, signer)) {
        return refusal(401, 'UNAUTHENTICATED', 'The report is not signed by the configured key.');
      }
      const found = parseInput(reports, read(received.body)).map(({ url, ...others }) => ({
        ...others,
        url: url ?? undefined,
      }));
      const results = await services.leaks.report(found);
      // An unsigned report could be used to try keys, so wrong ones are counted.
      if (!signer && results.includes(false)) await services.authentication.noteWrong(senderOf(request).address);
      const body = found.map(({ token, type }, index) => ({
        token_raw: token,
        token_type: type ?? null,
        label: results[index] ? 'true_positive' : 'false_positive',
      }));
      return { status: 200, body };
    } finally {
      received.release();
    }
  };

  return {
    async answer(request, response) {
      try {
        const { status, body } = await receive(request);
        send(response, status, body);
      } catch (error) {
        if (error instanceof ClientGone) return;
        const fault = faultOf(error);
        const told = (fault && toldOf(fault)) ?? error;
        if (told !== error || !(error instanceof AppError)) logFailure(log, error, 'A report of leaked keys failed.');
        const code = told instanceof AppError ? told.code : 'INTERNAL_SERVER_ERROR';
        const message = told instanceof AppError ? wordsOf(told) : 'Something went wrong on our side.';
        const retryAfter = told instanceof AppError ? told.details.retryAfter : undefined;
        if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
        const { status, body } = refusal(statuses[code] ?? 500, code, message);
        send(response, status, body);
      }
    },
  };
}

const statuses: Readonly<Record<string, number>> = { BAD_USER_INPUT: 400, RATE_LIMITED: 429, UNAVAILABLE: 503 };

const refusal = (status: number, code: string, message: string) => ({ status, body: { error: { code, message } } });

/** The message with the position in the list, as "0.token: Must …". */
const wordsOf = (error: AppError): string =>
  error instanceof InvalidInput && error.issues[0].path.length > 0
    ? `${error.issues[0].path.join('.')}: ${error.message}`
    : error.message;

/** @throws InvalidInput */
function read(body: Buffer): unknown {
  try {
    return parseJsonBody(body, bounds);
  } catch {
    throw new InvalidInput([{ path: [], message: 'The body must be a JSON list of objects with a token.' }]);
  }
}

function isSigned({ headers }: IncomingMessage, body: Buffer, signer: KeyObject): boolean {
  const signature = headers['github-public-key-signature'];
  return typeof signature === 'string' && verify('sha256', body, signer, Buffer.from(signature, 'base64'));
}
