import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Caller } from '../../../auth/caller.js';
import type { KeyWatch } from '../../../auth/key-watch.js';
import type { Context } from '../../../context.js';
import type { Outflow, Outlet } from '../../../lib/http/outflow.js';
import { bearerToken, type Sender, type SenderOf } from '../../../lib/http/sender.js';
import { rateLimited } from '../../../lib/observe/meters.js';
import { createTally } from '../../../lib/process/tally.js';
import { closeCodeOf, type Mask } from './errors.js';
import { type Carried, closeCodes } from './socket.js';

/** A connection, and the data with which it was opened. */
export interface Connection extends Carried {
  request: IncomingMessage;
  /** The request id of the connection. The ids of its operations are this id and their number. */
  id: string;
  operations: number;
  stream: Duplex;
  /** Must be called when the key is known. */
  known(): void;
  key?: string | undefined;
  outlet?: Outlet;
  /** Releases the resources that the connection holds. Absent before its key is known. */
  release?(): void;
}

export interface IntroductionOptions {
  /** The context of one operation of a key. @throws UNAUTHENTICATED */
  contextOf(key: string | undefined, sender?: Sender): Promise<Context>;
  senderOf: SenderOf;
  keys: KeyWatch;
  outflow: Outflow;
  maxPerKey: number;
  mask: Mask;
}

/**
 * Checks the key in the first message of a connection. Resolves to true if the connection is accepted. Otherwise closes
 * it and resolves to false.
 */
export type Introduce = (connection: Connection, params: Record<string, unknown> | undefined) => Promise<boolean>;

export function createIntroduce(options: IntroductionOptions): Introduce {
  const { contextOf, senderOf, keys, outflow, maxPerKey, mask } = options;
  const ofKeys = createTally(maxPerKey);

  /**
   * Counts the connection among those of its key, and closes it when the key becomes invalid. Returns false, and closes
   * the connection, if the key has too many.
   */
  const hold = (connection: Connection, caller: Caller): boolean => {
    const { socket, stream } = connection;
    const name = caller.keyId ?? caller.workspaceId;
    const leave = ofKeys.enter(name);
    if (!leave) {
      rateLimited.inc({ limit: 'sockets_of_key' });
      socket.close(closeCodes.tooMany, `A key has at most ${maxPerKey} connections open.`);
      return false;
    }
    const { signal, release } = keys.watch(caller);
    const refuse = () => socket.close(closeCodes.forbidden, (signal.reason as Error).message);
    signal.addEventListener('abort', refuse);
    const outlet = outflow.open(name, { unsent: () => socket.bufferedAmount, cut: () => socket.terminate() });
    stream.on('drain', outlet.drained);
    connection.outlet = outlet;
    connection.release = () => {
      signal.removeEventListener('abort', refuse);
      outlet.close();
      leave();
      release();
    };
    return true;
  };

  return async (connection, params) => {
    const { socket, request } = connection;
    const header = params?.Authorization ?? params?.authorization;
    const key = bearerToken(typeof header === 'string' ? header : request.headers.authorization);
    try {
      const { caller } = await contextOf(key, senderOf(request));
      // A connection that was closed in the meantime reports no further close, so its resources would never be
      // released.
      if (socket.readyState !== socket.OPEN || !hold(connection, caller)) return false;
      connection.key = key;
      connection.known();
      return true;
    } catch (error) {
      const { message, extensions } = mask(error);
      socket.close(closeCodeOf(extensions.code), message);
      return false;
    }
  };
}
