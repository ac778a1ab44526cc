import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is thrown away of a request after its answer is out, at most. */
export interface DrainBounds {
  bytes: number;
  ms: number;
}

const defaults: DrainBounds = { bytes: 64 * 1_024 * 1_024, ms: 10_000 };
/** How often it is looked whether that is reached. */
const lookMs = 100;

/**
 * Lets a client that still sends when it is answered, as with a refused upload, get to read the answer: many look for it
 * only when they have sent everything, and a connection that is closed before loses it. Node throws away what comes after
 * the answer; whoever sends on beyond the bounds is cut off.
 */
export function boundDrain(request: IncomingMessage, response: ServerResponse, bounds = defaults): void {
  response.once('finish', () => {
    if (request.complete || request.destroyed) return;
    const { socket } = request;
    const lastByte = socket.bytesRead + bounds.bytes;
    const deadline = performance.now() + bounds.ms;
    const look = setInterval(() => {
      if (socket.bytesRead > lastByte || performance.now() > deadline) socket.destroy();
    }, lookMs);
    request.once('close', () => clearInterval(look));
  });
}
