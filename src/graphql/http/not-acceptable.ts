import type { Plugin } from 'graphql-yoga';
import { extensionsOf } from '../execution/observed.js';

const offered = ['application/graphql-response+json', 'application/json', 'text/event-stream', 'multipart/mixed'];
const ofSubscriptions = ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'];

/**
 * Interprets the Accept header by its quality values, and lists the supported media types to a client that accepts none
 * of them.
 */
export const sayWhatIsOffered: Plugin = {
  onRequest({ request }) {
    const accept = request.headers.get('accept');
    if (accept !== null && quality.test(accept)) request.headers.set('accept', byPreference(accept));
  },
  // The library answers 406 with an empty body.
  onResponse({ response, setResponse, fetchAPI }) {
    if (response.status !== 406) return;
    const message = `This endpoint answers ${offered.join(', ')}, and subscriptions as ${ofSubscriptions.join(' or ')}; the Accept header takes none of these.`;
    const body = JSON.stringify({ errors: [{ message, extensions: extensionsOf('NOT_ACCEPTABLE') }] });
    const headers = { 'content-type': 'application/json; charset=utf-8', accept: offered.join(', ') };
    setResponse(new fetchAPI.Response(body, { status: 406, headers }));
  },
};

const quality = /;\s*q\s*=\s*"?([\d.]*)"?\s*(?=[;,]|$)/i;

/**
 * The Accept header sorted by preference and without refused types, because the library ignores quality values. A
 * header that accepts nothing is left unchanged, because there is no better answer.
 */
export function byPreference(accept: string): string {
  const ranges = accept.split(',').map((range) => {
    const given = Number(quality.exec(range)?.[1] || 1);
    return { range: range.replace(quality, '').trim(), quality: Number.isNaN(given) ? 1 : given };
  });
  const taken = ranges.filter((one) => one.quality > 0).sort((one, other) => other.quality - one.quality);
  return taken.length > 0 ? taken.map(({ range }) => range).join(', ') : accept;
}
