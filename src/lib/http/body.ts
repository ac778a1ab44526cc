import type { IncomingMessage } from 'node:http';

/** Whoever sent a request went away before it was complete: nobody is there to be answered, and nothing failed. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('The client went away before its request was complete.');
  }
}

/** Whether it was broken off already, as while its key was looked up; no event tells of it again. */
export const isGone = ({ destroyed, complete }: IncomingMessage): boolean => destroyed && !complete;

/** Reads the bodies of requests, each of so many bytes at most, and those under way of so many together: of one owner, and of all. */
export interface BodyReader {
  /**
   * The body, and what gives its room back; to be called when it is not needed any more. TOO_LARGE when it has too many
   * bytes, FULL when the others under way leave no room for it; the rest is then thrown away. Small ones of an owner always
   * have room: it is connections that bound them.
   */
  read(request: IncomingMessage, owner?: string): Promise<{ body: Buffer; release: () => void } | 'TOO_LARGE' | 'FULL'>;
}

/** Bodies up to this size are not counted. */
export const smallBytes = 64 * 1_024;

/** An owner has half of the room when nothing else is said, so that one leaves some to the others. */
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
          // Where the length is told each chunk goes to its place at once: all of them together would take long in the end.
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
        // Memory that nothing was written to yet is only promised.
        if (length >= 0) whole = Buffer.allocUnsafeSlow(length);
        request.on('data', take).once('end', finish).once('close', breakOff);
      });
    },
  };
}
