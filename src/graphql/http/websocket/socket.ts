import type { Duplex } from 'node:stream';
import type { Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { InexactJson, requireExactJson } from '../../../lib/json/exact-json.js';
import { ExcessiveJson, requireJsonWithin } from '../../../lib/json/json.js';
import type { Log } from '../../../lib/process/log.js';
import { requestBounds } from '../../limits/document.js';

/** The close codes in use, from RFC 6455, the IANA registry of close codes, and the GraphQL protocol. */
export const closeCodes = {
  tooMuch: 1009,
  defect: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  forbidden: 4403,
  tooMany: 4429,
} as const;

/** The state of a connection. The server adds the data with which it was opened. */
export interface Carried {
  socket: WebSocket;
  /** The serialised payload of the next message. The message itself contains 0 in its place. */
  payload?: Buffer | undefined;
  /** The size of the message that is being processed. */
  messageBytes?: number;
  /** The error if the message that is being processed has JSON that cannot be represented exactly. */
  fault?: InexactJson | undefined;
}

/** The ping interval. A connection that has not answered a ping by the next one is cut off. */
const beatMs = 12_000;
/** When the client has this many unread bytes, its messages are no longer read. */
const maxUnreadBytes = 1_024 * 1_024;
/** A longer payload is not copied for each recipient. */
const maxCopiedBytes = 16 * 1_024;
/**
 * The limits of a message. A message has a request and three levels around its variables. Variables that nest too
 * deeply get an error of their own.
 */
const messageBounds = { depth: requestBounds.depth + 2, values: requestBounds.values };

/** Connects the GraphQL protocol to a WebSocket. `stream` is the underlying connection. */
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
  // The client violated the WebSocket protocol, which closes the connection, or the connection was cut off.
  socket.on('error', (error) => log.debug({ err: error }, 'A WebSocket broke.'));

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve) => {
          const { payload } = extra;
          extra.payload = undefined;
          // A closed connection is reported by its close event, not here.
          if (socket.readyState !== socket.OPEN) resolve();
          else if (payload) sendWritten(socket, text.slice(0, -2), payload, resolve);
          else socket.send(text, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage(take) {
        socket.on('message', async (data) => {
          // A client that does not read its responses cannot send further requests.
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
      log.error({ err: error }, 'The end of a WebSocket could not be handled.');
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

/** Sends a message whose last field, the payload, is already serialised. */
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
