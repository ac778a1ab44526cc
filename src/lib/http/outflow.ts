/**
 * Limits the bytes that wait to be read by clients, per connection and for all connections of a key. No further
 * responses are produced for a client that does not read, so it uses no more memory.
 */
import type { ServerResponse } from 'node:http';
import { AppError } from '../../errors.js';

/** A connection on which responses are sent. */
export interface Outlet {
  /**
   * Resolves when there is room for a response of this size. The reservation must be released when the response is
   * handed over or was not produced.
   * @throws SLOW_CONSUMER when the client has not read for too long; the reason of `signal` when it fires first.
   */
  room(bytes: number, signal?: AbortSignal): Promise<Reservation>;
  /** Calls the listener when the connection ends. Returns a function that removes the listener. */
  onClose(listener: () => void): () => void;
  /** Must be called when the client has read something. */
  drained(): void;
  /** Must be called when the connection has ended. */
  close(): void;
}

export interface Reservation {
  /** Whether there is still room. Other responses may have become larger than estimated. */
  fits(): boolean;
  /** Sets the actual size of the response. */
  weigh(bytes: number): void;
  release(): void;
}

export interface OutletConnection {
  /** How many bytes wait to be read by the client. */
  unsent(): number;
  /** Ends the connection of a client that has read nothing for too long. */
  cut(): void;
}

export interface Outflow {
  open(key: string, connection: OutletConnection): Outlet;
  /** Whether the unread bytes on the connections of the key exceed their limit. */
  isFull(key: string): boolean;
}

export interface OutflowOptions {
  maxBytes: number;
  maxBytesPerKey: number;
  /** How long a client may read nothing while bytes wait for it; 30 seconds by default. */
  patienceMs?: number;
}

interface OpenOutlet extends OutletConnection {
  /** The number of unread bytes at the last check, and the time since which it has not changed. */
  seen: number;
  since: number;
  /** Functions that end the waits for room. */
  giveUp: Set<() => void>;
}

interface OfKey {
  outlets: Set<OpenOutlet>;
  /** The room reserved for responses that are being produced. */
  reserved: number;
  /**
   * The unread bytes on all connections. Counted only once per turn of the event loop, because there may be thousands
   * of connections.
   */
  unsent: number | undefined;
  /** Callers that wait for room. */
  waiting: Set<() => void>;
  willWake: boolean;
}

export function createOutflow({ maxBytes, maxBytesPerKey, patienceMs = 30_000 }: OutflowOptions): Outflow {
  const keys = new Map<string, OfKey>();

  const bytesOf = (ofKey: OfKey): number => {
    if (ofKey.unsent === undefined) {
      ofKey.unsent = 0;
      for (const outlet of ofKey.outlets) ofKey.unsent += outlet.unsent();
      setImmediate(() => {
        ofKey.unsent = undefined;
      });
    }
    return ofKey.unsent + ofKey.reserved;
  };
  const wake = (ofKey: OfKey): void => {
    if (ofKey.willWake || ofKey.waiting.size === 0) return;
    ofKey.willWake = true;
    setImmediate(() => {
      ofKey.willWake = false;
      ofKey.unsent = undefined;
      for (const check of [...ofKey.waiting]) check();
    });
  };

  /** Cuts off clients that have read nothing for too long while bytes waited for them. */
  let inspection: NodeJS.Timeout | undefined;
  const inspect = (): void => {
    const now = performance.now();
    for (const { outlets } of keys.values()) {
      for (const outlet of outlets) {
        const unsent = outlet.unsent();
        if (unsent === 0 || unsent !== outlet.seen) {
          outlet.seen = unsent;
          outlet.since = now;
        } else if (now - outlet.since > patienceMs) {
          if (outlet.giveUp.size === 0) outlet.cut();
          // The waiters report an error to the client, which may still read it before the next check.
          for (const giveUp of [...outlet.giveUp]) giveUp();
        }
      }
    }
  };

  return {
    open(key, connection) {
      const { unsent, cut } = connection;
      const ofKey = keys.get(key) ?? openKey();
      keys.set(key, ofKey);
      const outlet: OpenOutlet = { unsent, cut, seen: 0, since: 0, giveUp: new Set() };
      ofKey.outlets.add(outlet);
      inspection ??= setInterval(inspect, patienceMs / 4).unref();
      const closing = new Set<() => void>();
      let isOpen = true;
      let reserved = 0;

      const hasRoomFor = (bytes: number): boolean => {
        if (!isOpen) return true;
        const own = unsent() + reserved;
        if (own > 0 && own + bytes > maxBytes) return false;
        const all = bytesOf(ofKey);
        return all === 0 || all + bytes <= maxBytesPerKey;
      };
      const reserve = (bytes: number): Reservation => {
        let held = 0;
        let isHeld = true;
        const hold = (now: number): void => {
          if (!isHeld) return;
          reserved += now - held;
          ofKey.reserved += now - held;
          held = now;
        };
        hold(bytes);
        return {
          fits() {
            hold(0);
            const hasRoom = hasRoomFor(bytes);
            hold(bytes);
            return hasRoom;
          },
          weigh: hold,
          release() {
            hold(0);
            isHeld = false;
            wake(ofKey);
          },
        };
      };

      return {
        async room(bytes, signal) {
          if (hasRoomFor(bytes)) return reserve(bytes);
          return new Promise((resolve, reject) => {
            const settle = (end: () => void): void => {
              outlet.giveUp.delete(giveUp);
              ofKey.waiting.delete(check);
              signal?.removeEventListener('abort', leave);
              end();
            };
            const check = (): void => {
              if (hasRoomFor(bytes)) settle(() => resolve(reserve(bytes)));
            };
            const leave = (): void => settle(() => reject(signal?.reason));
            const giveUp = (): void => settle(() => reject(tooSlow()));
            outlet.giveUp.add(giveUp);
            ofKey.waiting.add(check);
            signal?.addEventListener('abort', leave);
            if (signal?.aborted) leave();
          });
        },
        onClose(listener) {
          closing.add(listener);
          return () => closing.delete(listener);
        },
        drained: () => wake(ofKey),
        close() {
          isOpen = false;
          ofKey.outlets.delete(outlet);
          wake(ofKey);
          if (ofKey.outlets.size === 0 && keys.get(key) === ofKey) keys.delete(key);
          if (keys.size === 0) {
            clearInterval(inspection);
            inspection = undefined;
          }
          for (const listener of closing) listener();
          closing.clear();
        },
      };
    },
    isFull(key) {
      const ofKey = keys.get(key);
      return ofKey !== undefined && bytesOf(ofKey) > maxBytesPerKey;
    },
  };
}

/** The outlet of an HTTP response, which may be a stream. */
export function responseOutlet(
  outflow: Outflow,
  { keyId, workspaceId }: { keyId: string | null; workspaceId: string },
  response: ServerResponse,
): Outlet {
  const outlet = outflow.open(keyId ?? workspaceId, {
    unsent: () => response.writableLength,
    cut: () => response.destroy(),
  });
  response.on('drain', outlet.drained).once('close', outlet.close);
  return outlet;
}

const openKey = (): OfKey => ({
  outlets: new Set(),
  reserved: 0,
  unsent: undefined,
  waiting: new Set(),
  willWake: false,
});

const tooSlow = (): AppError =>
  new AppError('SLOW_CONSUMER', 'Answers were not read for too long; go on from the last seq.', { retryable: true });
