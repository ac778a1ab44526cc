import { type Coding, coded, codingFor, isWorthCoding } from './coding.js';
import { etagOf, isNoneMatch } from './etag.js';

/**
 * Content that is the same for all clients until the next start. It is compressed only once, and not sent to a client
 * that already has it.
 */
export interface KeptContent {
  /** The response to a request with these headers. Without a body it is a 304. */
  answer(asked: ContentRequest): Promise<{ headers: Record<string, string>; body?: Uint8Array<ArrayBuffer> }>;
}

export interface ContentRequest {
  ifNoneMatch: string | null | undefined;
  acceptEncoding: string | null | undefined;
}

export function keepContent(content: Uint8Array<ArrayBuffer>): KeptContent {
  const etag = etagOf(content);
  const made = new Map<Coding, Promise<Uint8Array<ArrayBuffer>>>();

  const inCoding = (coding: Coding): Promise<Uint8Array<ArrayBuffer>> => {
    const body = made.get(coding) ?? coded(coding, content, 'KEPT');
    made.set(coding, body);
    return body;
  };

  return {
    async answer({ ifNoneMatch, acceptEncoding }) {
      const headers = { ETag: etag, Vary: 'Accept-Encoding' };
      if (isNoneMatch(ifNoneMatch, etag)) return { headers };
      const coding = isWorthCoding(content.length) ? codingFor(acceptEncoding) : undefined;
      if (!coding) return { headers, body: content };
      return { headers: { ...headers, 'Content-Encoding': coding }, body: await inCoding(coding) };
    },
  };
}
