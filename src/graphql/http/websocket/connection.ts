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

/** A connection, and what it was opened with. */
export interface Connection extends Carried {
  request: IncomingMessage;
  /** The id that the connection was opened with; its operations have it with their number. */
  id: string;
  operations: number;
  stream: Duplex;
  /** To be called when the key is known. */
  known(): void;
  key?: string | undefined;
  outlet?: Outlet;
  /** Gives back what the connection holds; absent before its key is known. */
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

/** Takes the key that a connection tells first. Resolves to whether the connection may go on; another one is closed. */
export type Introduce = (connection: Connection, params: Record<string, unknown> | undefined) => Promise<boolean>;

export function createIntroduce(options: IntroductionOptions): Introduce {
  const { contextOf, senderOf, keys, outflow, maxPerKey, mask } = options;
  const ofKeys = createTally(maxPerKey);

  /** Holds a place among the connections of the key until the connection ends, or the key does. */
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
      // Whoever has gone meanwhile is not heard of again, so nothing may be held for them.
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
