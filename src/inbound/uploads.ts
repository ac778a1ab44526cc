import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../auth/caller.js';
import { badInput } from '../errors.js';
import type { Upload } from '../generated/prisma/client.js';
import { createBodyReader } from '../lib/http/body.js';
import type { SenderOf } from '../lib/http/sender.js';
import type { Log } from '../lib/process/log.js';
import { fileNameOf } from '../lib/values/file-name.js';
import { expiryOf, type NewUpload } from '../modules/file/upload/upload.service.js';
import type { Services } from '../services.js';
import { answerWith, callerWith, type HttpError, largestUnderWay, onlyBy, tooLarge, tooMany } from './answers.js';
import { filesOfForm } from './forms.js';

/** Accepts files for messages. */
export interface Uploads {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Budget {
  admit(caller: Caller): void;
  spendForEvent(caller: Caller, points: number): Promise<unknown>;
}

export interface UploadsOptions {
  services: Services;
  /** The budget from which points are taken. It waits until there are enough, or throws RATE_LIMITED. */
  budget: Budget;
  senderOf: SenderOf;
  log: Log;
  /** The maximum size of a request body, in bytes. */
  maxBytes: number;
}

const scope = 'conversations:write';
const failure = 'The file could not be stored; try again.';
const maxFileName = 255;
/** The cost of a request, and the cost of its bytes. */
const requestPoints = 10;
const bytesPerPoint = 1_024;

export function createUploads({ services, budget, senderOf, log, maxBytes }: UploadsOptions): Uploads {
  const bodies = createBodyReader(maxBytes, largestUnderWay * maxBytes);

  const receive = async (request: IncomingMessage): Promise<HttpError | { status: 201; body: object }> => {
    if (request.method !== 'POST') return notPost;
    const caller = await callerWith(scope, request, { services, senderOf });
    const announced = Number(request.headers['content-length'] ?? maxBytes);
    if (announced > maxBytes) return tooLarge(maxBytes);
    budget.admit(caller);
    await budget.spendForEvent(caller, requestPoints + Math.ceil(announced / bytesPerPoint));
    const received = await bodies.read(request, caller.workspaceId);
    if (received === 'TOO_LARGE') return tooLarge(maxBytes);
    if (received === 'FULL') return tooMany('files');
    try {
      const files = await filesIn(request, received.body);
      const uploads = await services.uploads.add(caller, files);
      return { status: 201, body: { attachments: uploads.map(shown) } };
    } finally {
      received.release();
    }
  };

  return {
    async answer(request, response) {
      response.setHeader('access-control-allow-origin', '*');
      if (request.method === 'OPTIONS') return void response.writeHead(204, preflight).end();
      await answerWith(response, () => receive(request), { log, failure, event: 'A file could not be stored.' });
    },
  };
}

const shown = (upload: Upload) => {
  const { id, fileName, contentType, sizeBytes } = upload;
  return { id, fileName, contentType, sizeBytes, expiresAt: expiryOf(upload) };
};

/** The files of a form, or the whole body as one file. @throws BAD_USER_INPUT */
async function filesIn(request: IncomingMessage, body: Buffer): Promise<NewUpload[]> {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(contentType)) {
    if (body.byteLength === 0) throw badInput([], 'The file is empty.');
    return [{ fileName: nameOf(fileNameIn(request)), contentType: typeOf(contentType), content: body }];
  }
  const files = await filesOfForm(contentType, body);
  return files.map(({ fileName, contentType, content }) => ({
    fileName: nameOf(fileName),
    contentType: typeOf(contentType),
    content,
  }));
}

/** `?fileName=…`, else the name in Content-Disposition. */
function fileNameIn({ url = '', headers }: IncomingMessage): string {
  const asked = new URL(url, 'http://localhost').searchParams.get('fileName');
  if (asked !== null) return asked;
  const disposition = String(headers['content-disposition'] ?? '');
  const [, encoded] = /filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(disposition) ?? [];
  const [, quoted, bare] = /filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return (encoded !== undefined && decodedOf(encoded)) || (quoted ?? bare ?? '');
}

function decodedOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** The last part of a path. */
const nameOf = (path: string): string => fileNameOf(path.split(/[/\\]/).at(-1) ?? '', maxFileName) ?? 'file';

function typeOf(contentType: string): string {
  const [type = ''] = contentType.split(';', 1);
  const bare = type.trim().toLowerCase();
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(bare) ? bare.slice(0, maxFileName) : 'application/octet-stream';
}

/** Pages of any origin may upload files, because every request needs a key. */
const preflight = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'authorization, content-type, content-disposition',
  'access-control-max-age': '7200',
};

const notPost = onlyBy('POST, OPTIONS', 'Files are sent here with POST.');
