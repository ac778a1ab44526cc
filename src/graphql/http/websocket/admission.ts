/** Limits WebSocket connections, and how much they may send, until their key is known. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ErrorCode } from '../../../errors.js';
import { type AddressSet, clientAddress, networkOf } from '../../../lib/http/addresses.js';
import { rateLimited } from '../../../lib/observe/meters.js';
import { requestIdHeader } from '../../../lib/observe/observer.js';
import { createTally } from '../../../lib/process/tally.js';
import { closeCodes } from './socket.js';

export interface Admission {
  /** Accepts a connection, or answers 429 when its address has too many. */
  admit(request: IncomingMessage, stream: Duplex, requestId: string): Admitted | undefined;
}

interface Admitted {
  /**
   * Closes the connection if it sends too much before its key is known. Returns the function to call when it is known.
   */
  holdKeyless(socket: WebSocket, bytes: number): () => void;
}

/** How many connections of one address may have no key yet. */
const maxKeyless = 100;
/** How many bytes a connection may send before its key is known. The first message with a key has about 200 bytes. */
const maxKeylessBytes = 16 * 1_024;

export function createAdmission(maxPerAddress: number, trustedProxies: AddressSet): Admission {
  const sockets = createTally(maxPerAddress);
  const keyless = createTally(Math.min(maxKeyless, maxPerAddress));

  return {
    admit(request, stream, requestId) {
      const network = networkOf(clientAddress(request, trustedProxies));
      const leave = sockets.enter(network);
      const known = keyless.enter(network);
      if (!leave || !known) {
        leave?.();
        known?.();
        refuse(stream, requestId);
        return undefined;
      }
      stream.once('close', () => {
        leave();
        known();
      });
      return {
        holdKeyless(socket, bytes) {
          let received = bytes;
          const count = (chunk: Buffer): void => {
            received += chunk.length;
            if (received <= maxKeylessBytes) return;
            socket.close(closeCodes.tooMuch, `At most ${maxKeylessBytes} bytes are accepted before the key.`);
            // Discards further data until the connection has ended, instead of buffering it.
            stream.removeAllListeners('data').resume();
          };
          stream.prependListener('data', count);
          return () => {
            stream.off('data', count);
            known();
          };
        },
      };
    },
  };
}

function refuse(stream: Duplex, requestId: string): void {
  rateLimited.inc({ limit: 'sockets_of_address' });
  const extensions = { code: 'RATE_LIMITED' satisfies ErrorCode, requestId };
  const body = JSON.stringify({ errors: [{ message: 'This address has too many connections open.', extensions }] });
  const head = [
    'HTTP/1.1 429 Too Many Requests',
    'Connection: close',
    'Retry-After: 5',
    'Content-Type: application/json',
    `${requestIdHeader}: ${requestId}`,
  ];
  stream.end(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, () => stream.destroy());
}
