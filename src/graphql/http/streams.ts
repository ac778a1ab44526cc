import type { Plugin } from 'graphql-yoga';

/**
 * Has server-sent events pass through proxies as they come: nginx holds answers back unless X-Accel-Buffering forbids it,
 * and others compress what they may transform, which holds it back too. A coding of the name "none" does not exist (RFC 9110, 8.4.1).
 */
export const passProxies: Plugin = {
  onResponse({ response }) {
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return;
    response.headers.set('Cache-Control', 'no-cache, no-transform');
    response.headers.set('X-Accel-Buffering', 'no');
    response.headers.delete('Content-Encoding');
  },
};
