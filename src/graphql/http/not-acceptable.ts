import type { Plugin } from 'graphql-yoga';
import { extensionsOf } from '../execution/observed.js';

const offered = ['application/graphql-response+json', 'application/json', 'text/event-stream', 'multipart/mixed'];

/** Says what is offered to a client that accepts none of it, where the library answers an empty 406. */
export const sayWhatIsOffered: Plugin = {
  onResponse({ response, setResponse, fetchAPI }) {
    if (response.status !== 406) return;
    const message = `This endpoint answers ${offered.join(', ')}; the Accept header takes none of these.`;
    const body = JSON.stringify({ errors: [{ message, extensions: extensionsOf('NOT_ACCEPTABLE') }] });
    const headers = { 'content-type': 'application/json; charset=utf-8', accept: offered.join(', ') };
    setResponse(new fetchAPI.Response(body, { status: 406, headers }));
  },
};
