import type { Duplex } from 'node:stream';
import type { Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { InexactJson, requireExactJson } from '../../../lib/json/exact-json.js';
import { ExcessiveJson, requireJsonWithin } from '../../../lib/json/json.js';
import type { Log } from '../../../lib/process/log.js';
import { requestBounds } from '../../limits/document.js';

/** The codes of RFC 6455, of its registry and of the protocol that end a connection. */
export const closeCodes = {
  tooMuch: 1009,
  defect: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  forbidden: 4403,
  tooMany: 4429,
} as const;

/** What a connection is known by; who serves it adds what it was opened with. */
export interface Carried {
  socket: WebSocket;
  /** The payload of the message that is sent next, when it is written already; the message holds 0 in its place. */
  payload?: Buffer | undefined;
  /** How large the message is that is being taken. */
  messageBytes?: number;
  /** What of the message that is being taken would not be kept as it is. */
  fault?: InexactJson | undefined;
}

/** A connection that does not answer a ping before the next one is cut off. */
const beatMs = 12_000;
/** With so many bytes waiting to be read by the client, nothing more is read of it. */
const maxUnreadBytes = 1_024 * 1_024;
/** A payload that is longer is not copied for each of those who get it. */
const maxCopiedBytes = 16 * 1_024;
/** A message holds a request and three levels around its variables; those that nest too deeply get an error of their own. */
const messageBounds = { depth: requestBounds.depth + 2, values: requestBounds.values };

/** Carries the messages of the protocol over a WebSocket, whose bytes go through `stream`. */
export function carry<Extra extends Carried>(protocol: Server<Extra>, extra: Extra, stream: Duplex, log: Log): void {
  const { socket } = extra;
  let isAlive = true;
  const beat = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, beatMs);
  socket.on('pong', () => {
    isAlive = true;
  });
  // What a client sends against the rules of WebSockets, for which it is closed; or it was cut off.
  socket.on('error', (error) => log.debug({ err: error }, 'A WebSocket broke.'));

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve) => {
          const { payload } = extra;
          extra.payload = undefined;
          // That it cannot be sent any more is told by the end of the connection.
          if (socket.readyState !== socket.OPEN) resolve();
          else if (payload) sendWritten(socket, text.slice(0, -2), payload, resolve);
          else socket.send(text, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage(take) {
        socket.on('message', async (data) => {
          // Whoever does not read the answers is not asked for more questions.
          if (socket.bufferedAmount > maxUnreadBytes && !socket.isPaused) {
            socket.pause();
            stream.once('drain', () => socket.resume());
          }
          try {
            const message = data as Buffer;
            requireJsonWithin(message, messageBounds);
            extra.messageBytes = message.length;
            extra.fault = inexactnessOf(message);
            await take(String(message));
          } catch (error) {
            if (error instanceof ExcessiveJson) return socket.close(closeCodes.tooMuch, `A message ${error.message}.`);
            log.warn({ err: error }, 'A message over WebSocket failed.');
            socket.close(closeCodes.defect, 'Something went wrong on our side.');
          }
        });
      },
    },
    extra,
  );

  socket.once('close', async (code, reason) => {
    clearInterval(beat);
    try {
      await closed(code, String(reason));
    } catch (error) {
      log.error({ err: error }, 'A WebSocket could not be left.');
    }
  });
}

function inexactnessOf(message: Buffer): InexactJson | undefined {
  try {
    requireExactJson(message);
    return undefined;
  } catch (error) {
    if (error instanceof InexactJson) return error;
    throw error;
  }
}

/** Sends a message whose payload, the last of its fields, is written already. */
function sendWritten(socket: WebSocket, head: string, payload: Buffer, sent: () => void): void {
  if (payload.length <= maxCopiedBytes) {
    const message = Buffer.concat([Buffer.from(head), payload, Buffer.from('}')]);
    socket.send(message, { binary: false }, () => sent());
    return;
  }
  // The parts go out as frames of one message.
  socket.send(head, { fin: false });
  socket.send(payload, { binary: false, fin: false });
  socket.send('}', () => sent());
}
