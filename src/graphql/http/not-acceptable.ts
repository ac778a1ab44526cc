import type { Plugin } from 'graphql-yoga';
import { extensionsOf } from '../execution/observed.js';

const offered = ['application/graphql-response+json', 'application/json', 'text/event-stream', 'multipart/mixed'];
const ofSubscriptions = ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'];

/** Reads the Accept header as it is meant, and says what is offered to a client that accepts none of it. */
export const sayWhatIsOffered: Plugin = {
  onRequest({ request }) {
    const accept = request.headers.get('accept');
    if (accept !== null && quality.test(accept)) request.headers.set('accept', byPreference(accept));
  },
  // The library answers an empty 406.
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
 * An Accept header with what is liked best first and without what is not taken, since the library knows no qualities. One that
 * takes nothing is left as it is: there is no other answer to give.
 */
export function byPreference(accept: string): string {
  const ranges = accept.split(',').map((range) => {
    const given = Number(quality.exec(range)?.[1] || 1);
    return { range: range.replace(quality, '').trim(), quality: Number.isNaN(given) ? 1 : given };
  });
  const taken = ranges.filter((one) => one.quality > 0).sort((one, other) => other.quality - one.quality);
  return taken.length > 0 ? taken.map(({ range }) => range).join(', ') : accept;
}
