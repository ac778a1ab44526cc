import type { IncomingMessage, ServerResponse } from 'node:http';
import { logFailure } from '../db/faults/faults.js';
import { createBodyReader } from '../lib/http/body.js';
import type { SenderOf } from '../lib/http/sender.js';
import { inboundMails, rejectedMails } from '../lib/observe/meters.js';
import type { Log } from '../lib/process/log.js';
import type { RefusedMail } from '../modules/email/inbound/inbound-email.service.js';
import { mailFormatOf } from '../modules/email/inbound/reading/inbound-email.envelope.js';
import type { Services } from '../services.js';
import {
  answerWith,
  callerWith,
  type HttpError,
  httpErrorOf,
  largestUnderWay,
  onlyBy,
  tooLarge,
  tooMany,
} from './answers.js';

/** Accepts e-mails over HTTP, as mail servers and mail services post them. */
export interface InboundEmail {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface InboundEmailOptions {
  services: Services;
  senderOf: SenderOf;
  log: Log;
  /** The maximum size of a request body, in bytes. */
  maxBytes: number;
}

const scope = 'conversations:write';
const failure = 'The mail could not be taken in; try again.';

export function createInboundEmail({ services, senderOf, log, maxBytes }: InboundEmailOptions): InboundEmail {
  const bodies = createBodyReader(maxBytes, largestUnderWay * maxBytes);

  const receive = async (request: IncomingMessage): Promise<{ status: number; body: object } | HttpError> => {
    if (request.method !== 'POST') return notPost;
    const caller = await callerWith(scope, request, { services, senderOf });
    const contentType = request.headers['content-type'];
    if (mailFormatOf(contentType) === null) return unsupported;
    const received = await bodies.read(request, caller.workspaceId);
    if (received === 'TOO_LARGE') return tooLarge(maxBytes);
    if (received === 'FULL') return tooMany('mails');
    try {
      const channelId = new URL(request.url ?? '', 'http://localhost').searchParams.get('channel');
      const taken = await services.inboundMail.take(caller, { contentType, body: received.body, channelId });
      if ('error' in taken) return refused(taken);
      const { result, ...ids } = taken;
      inboundMails.inc({ outcome: result === 'CREATED' ? 'created' : 'known' });
      return { status: result === 'CREATED' ? 201 : 200, body: ids };
    } finally {
      received.release();
    }
  };

  /** The status is for mail relays. Details for people are in the list of rejected mails. */
  const refused = ({ error, kept, isNew }: RefusedMail): HttpError => {
    if (error.cause !== undefined) logFailure(log, error.cause, 'A mail met a defect and is kept.');
    inboundMails.inc({ outcome: 'rejected' });
    if (kept && isNew) {
      rejectedMails.inc({ reason: kept.reason });
      const { workspaceId, id: rejectedMailId, reason } = kept;
      log.warn({ workspaceId, rejectedMailId, reason }, 'A mail became no message and is kept.');
    }
    if (!kept) log.error('A mail became no message and is not kept: there are too many of them.');
    const answer = httpErrorOf(error, failure);
    return kept ? { ...answer, details: { ...answer.details, rejectedMailId: kept.id } } : answer;
  };

  return {
    answer: (request, response) =>
      answerWith(response, () => receive(request), { log, failure, event: 'A mail could not be taken in.' }),
  };
}

const notPost = onlyBy('POST', 'Mails are sent here with POST.');

const unsupported: HttpError = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'A mail comes as message/rfc822, as a field of multipart/form-data, or as a field of application/json.',
};
