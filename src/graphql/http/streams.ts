import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Has streams pass through proxies as they come: nginx holds answers back unless X-Accel-Buffering forbids it,
 * and others compress what they may transform, which holds it back too. A coding of the name "none" does not exist (RFC 9110, 8.4.1).
 */
export const passProxies: Plugin = {
  onResponse({ response }) {
    if (!/^(?:text\/event-stream|multipart\/mixed)/.test(response.headers.get('content-type') ?? '')) return;
    response.headers.set('Cache-Control', 'no-cache, no-transform');
    response.headers.set('X-Accel-Buffering', 'no');
    response.headers.delete('Content-Encoding');
  },
};

/** So often a client that is told nothing hears that the connection lives. */
const heartbeatMs = 12_000;
const wanted = /multipart\/mixed *;[^,]*subscriptionspec *= *"?1\.0/i;

/** Subscriptions as Apollo's clients ask for them over HTTP: each event is a part of a multipart answer. */
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
      // Some send nothing on before they have got something.
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
