import type { FetchAPI, Plugin } from 'graphql-yoga';
import { type Coding, coded, codingFor, isWorthCoding } from '../../lib/http/content/coding.js';

/**
 * Compresses responses with the content coding that the client prefers. Streams are not compressed, because compression
 * buffers data and would delay events.
 */
export const codeAnswers: Plugin = {
  onResponse({ request, response, setResponse, fetchAPI }) {
    if (!isJson(response.headers.get('content-type'))) return undefined;
    response.headers.append('Vary', 'Accept-Encoding');
    const coding = codingFor(request.headers.get('accept-encoding'));
    if (!coding || !isWorthCoding(Number(response.headers.get('content-length') ?? 0))) return undefined;
    return inCoding(coding, response, fetchAPI).then(setResponse);
  },
};

async function inCoding(coding: Coding, response: Response, fetchAPI: FetchAPI): Promise<Response> {
  const bytes = await coded(coding, await response.text());
  const headers = new fetchAPI.Headers(response.headers);
  headers.set('Content-Encoding', coding);
  headers.set('Content-Length', String(bytes.length));
  const { status, statusText } = response;
  return new fetchAPI.Response(bytes, { status, statusText, headers });
}

const isJson = (type: string | null): boolean => /^application\/(?:json|graphql-response\+json)\b/.test(type ?? '');
