import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Headers that make proxies pass streams on without delay. nginx buffers responses unless X-Accel-Buffering forbids it.
 * Other proxies compress responses that they may transform, which delays them too. A content coding named "none" does
 * not exist (RFC 9110, 8.4.1).
 */
export const passProxies: Plugin = {
  onResponse({ response }) {
    if (!/^(?:text\/event-stream|multipart\/mixed)/.test(response.headers.get('content-type') ?? '')) return;
    response.headers.set('Cache-Control', 'no-cache, no-transform');
    response.headers.set('X-Accel-Buffering', 'no');
    response.headers.delete('Content-Encoding');
  },
};

/** How often a heartbeat is sent to a client for which there is no event. */
const heartbeatMs = 12_000;
const wanted = /multipart\/mixed *;[^,]*subscriptionspec *= *"?1\.0/i;

/** Subscriptions over HTTP as Apollo's clients request them: each event is a part of a multipart response. */
export function followInParts(): Plugin {
  const subscriptions = new WeakSet<Request>();
  return {
    onSubscribe({ args }) {
      const { request } = args.contextValue as { request?: Request };
      if (request && wanted.test(request.headers.get('accept') ?? '')) subscriptions.add(request);
    },
    onResultProcess({ request, result, setResultProcessor }) {
      if (!subscriptions.has(request) || !(Symbol.asyncIterator in result)) return;
      const events = result as AsyncIterable<ExecutionResult>;
      setResultProcessor((_result, { Response }) => new Response(partsOf(events), { headers }), 'multipart/mixed');
    },
  };
}

const headers = { 'Content-Type': 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"' };

function partsOf(events: AsyncIterable<ExecutionResult>): ReadableStream<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const part = (content: object): Uint8Array =>
    encoder.encode(`\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(content)}\r\n--graphql`);
  let heartbeat: NodeJS.Timeout | undefined;
  const stop = (): void => clearInterval(heartbeat);
  return new ReadableStream({
    start(controller) {
      // Some proxies pass nothing on before the first bytes.
      controller.enqueue(encoder.encode('--graphql'));
      controller.enqueue(part({}));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(part({}));
      }, heartbeatMs);
    },
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (!done) return controller.enqueue(part({ payload: value }));
        controller.enqueue(encoder.encode('--\r\n'));
        controller.close();
        stop();
      } catch (error) {
        stop();
        controller.error(error);
      }
    },
    async cancel() {
      stop();
      await iterator.return?.();
    },
  });
}
