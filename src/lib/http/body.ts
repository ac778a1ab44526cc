import type { IncomingMessage } from 'node:http';

/** The client disconnected before its request was complete. There is nobody to answer, and it is not a failure. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('The client went away before its request was complete.');
  }
}

/** Whether the client has already disconnected, for example while its key was checked. No later event reports this. */
export const isGone = ({ destroyed, complete }: IncomingMessage): boolean => destroyed && !complete;

/**
 * Reads the bodies of requests. Limits the size of each body, and the total size of the bodies in memory, per owner and
 * for all owners.
 */
export interface BodyReader {
  /**
   * The body, and a function that gives its room back, to be called when the body is no longer needed. TOO_LARGE when
   * the body exceeds its limit; FULL when the other bodies leave no room for it. The rest of the body is then
   * discarded. Small bodies of an owner always have room, because their number is limited by the number of connections.
   */
  read(request: IncomingMessage, owner?: string): Promise<{ body: Buffer; release: () => void } | 'TOO_LARGE' | 'FULL'>;
}

/** Bodies up to this size are not counted. */
export const smallBytes = 64 * 1_024;

/** By default an owner may use half of the room, so that some is left for others. */
export function createBodyReader(
  maxBytes: number,
  maxBytesUnderWay: number,
  maxBytesOfOwner = maxBytesUnderWay / 2,
): BodyReader {
  let underWay = 0;
  const underWayOf = new Map<string, number>();
  const hold = (owner: string | undefined, bytes: number): void => {
    underWay += bytes;
    if (owner === undefined) return;
    const all = (underWayOf.get(owner) ?? 0) + bytes;
    if (all > 0) underWayOf.set(owner, all);
    else underWayOf.delete(owner);
  };
  const isFull = (owner: string | undefined): boolean =>
    underWay > maxBytesUnderWay || (owner !== undefined && (underWayOf.get(owner) ?? 0) > maxBytesOfOwner);
  return {
    read(request, owner) {
      return new Promise((resolve, reject) => {
        const length = Number(request.headers['content-length'] ?? Number.NaN);
        const chunks: Buffer[] = [];
        let whole: Buffer | undefined;
        const isCounted = owner === undefined || !(length <= smallBytes);
        let bytes = 0;
        let held = 0;
        const release = (): void => {
          hold(owner, -held);
          held = 0;
        };
        const refuse = (reason: 'TOO_LARGE' | 'FULL'): void => {
          request.off('data', take).off('end', finish).off('close', breakOff).resume();
          release();
          resolve(reason);
        };
        const take = (chunk: Buffer): void => {
          // If the length is known, each chunk is copied into its place at once. Joining all chunks at the end would
          // block for long.
          if (whole) chunk.copy(whole, bytes);
          else chunks.push(chunk);
          bytes += chunk.length;
          if (isCounted) {
            held += chunk.length;
            hold(owner, chunk.length);
          }
          if (bytes > maxBytes) refuse('TOO_LARGE');
          else if (isCounted && isFull(owner)) refuse('FULL');
        };
        const finish = (): void => {
          request.off('close', breakOff);
          resolve({ body: whole ?? Buffer.concat(chunks), release });
        };
        const breakOff = (): void => {
          release();
          reject(new ClientGone());
        };
        if (isGone(request)) return reject(new ClientGone());
        if (length > maxBytes) return refuse('TOO_LARGE');
        // The system assigns memory only when it is written to, so allocating the declared length is cheap.
        if (length >= 0) whole = Buffer.allocUnsafeSlow(length);
        request.on('data', take).once('end', finish).once('close', breakOff);
      });
    },
  };
}
