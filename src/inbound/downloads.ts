import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { logFailure } from '../db/faults/faults.js';
import { pathOf } from '../lib/http/request-target.js';
import type { Log } from '../lib/process/log.js';
import { filePath, isSafeImage } from '../modules/file/file.links.js';
import type { Services } from '../services.js';
import { type HttpError, httpErrorOf, onlyBy, refuse } from './answers.js';

/** Serves stored files to clients with a signed link that has not expired. */
export interface Downloads {
  /** Whether the path is that of such a link. */
  handles(path: string): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const failure = 'The file cannot be read; try again.';
const form = new RegExp(`^${filePath}/([\\w-]{1,128})/([\\w-]{1,128})$`);
/** Shorter than the lifetime of any link. */
const cacheSeconds = 3_600;

export function createDownloads({ services, log }: { services: Services; log: Log }): Downloads {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<HttpError | null> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return notGet;
    const [, workspaceId = '', id = ''] = form.exec(pathOf(request)) ?? [];
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    const [expires, signature] = [query.get('expires') ?? '', query.get('signature') ?? ''];
    const link = await services.files.links.check(workspaceId, id, expires, signature);
    if (link !== 'VALID') return link === 'EXPIRED' ? expired : notSigned;
    const file = await services.downloads.find(workspaceId, id);
    const content = file && (await services.files.open(workspaceId, file.digest));
    if (!file || !content) return gone;
    const isImage = isSafeImage(file.contentType);
    response.writeHead(200, {
      'content-type': file.contentType,
      'content-length': file.sizeBytes,
      'content-disposition': `${isImage ? 'inline' : 'attachment'}; ${nameParameters(file.fileName)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': `private, max-age=${cacheSeconds}, immutable`,
      'referrer-policy': 'no-referrer',
    });
    if (request.method === 'HEAD') {
      content.destroy();
      response.end();
      return null;
    }
    // A client that disconnects early has read all that it wants, so this is no error.
    await pipeline(content, ofLength(file.sizeBytes), response).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
    return null;
  };

  return {
    handles: (path) => path.startsWith(`${filePath}/`),
    async answer(request, response) {
      try {
        const refusal = await serve(request, response);
        if (refusal) refuse(response, refusal);
      } catch (error) {
        logFailure(log, error, 'A stored file could not be served.');
        if (response.headersSent) response.destroy();
        else refuse(response, httpErrorOf(error, failure));
      }
    },
  };
}

/**
 * Passes on exactly this many bytes. The stored content may have been cut or replaced. If its length differed from the
 * Content-Length, the client would mistake the next response on the connection for the rest, or the rest for the next
 * response.
 */
function ofLength(length: number) {
  return async function* (content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > length) break;
      yield chunk;
    }
    if (bytes !== length) throw new Error(`The stored content does not have ${length} bytes.`);
  };
}

/** The name of the file, and an ASCII version for programs that do not support others (RFC 6266). */
function nameParameters(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

const notGet = onlyBy('GET, HEAD', 'Files are read with GET.');
const notSigned: HttpError = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'The gateway did not sign this link. Ask for a link in the graph.',
};
const expired: HttpError = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'This link has expired. Ask for another one in the graph.',
};
const gone: HttpError = { status: 404, code: 'NOT_FOUND', message: 'This file is not stored any more.' };
