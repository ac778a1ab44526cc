import type { IncomingMessage, ServerResponse } from 'node:http';

/** How much of a request is read and discarded after its response was sent. */
export interface DrainBounds {
  bytes: number;
  ms: number;
}

const defaults: DrainBounds = { bytes: 64 * 1_024 * 1_024, ms: 10_000 };
/** How often the limits are checked. */
const lookMs = 100;

/**
 * Lets a client that is still sending when it is answered, as with a refused upload, read the response. Many clients
 * look for a response only after they have sent everything, and lose it if the connection is closed before. Node
 * discards what arrives after the response; a client that exceeds the limits is cut off.
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
