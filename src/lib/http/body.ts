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

/** Reads the bodies of requests, each of so many bytes at most, and all of those under way of an owner of so many together. */
export interface BodyReader {
  /**
   * The body, and what gives its room back; to be called when it is not needed any more. TOO_LARGE when it has too many
   * bytes, FULL when the others of the owner leave no room for it; the rest is then thrown away. All are of one owner where
   * none is named.
   */
  read(request: IncomingMessage, owner?: string): Promise<{ body: Buffer; release: () => void } | 'TOO_LARGE' | 'FULL'>;
}

export function createBodyReader(maxBytes: number, maxBytesUnderWay: number): BodyReader {
  const underWay = new Map<string, number>();
  /** Adds to what is under way of the owner; answers how much that is. */
  const hold = (owner: string, bytes: number): number => {
    const all = (underWay.get(owner) ?? 0) + bytes;
    if (all > 0) underWay.set(owner, all);
    else underWay.delete(owner);
    return all;
  };
  return {
    read(request, owner = '') {
      return new Promise((resolve, reject) => {
        const length = Number(request.headers['content-length'] ?? Number.NaN);
        const chunks: Buffer[] = [];
        let whole: Buffer | undefined;
        let bytes = 0;
        const release = (): void => {
          hold(owner, -bytes);
          bytes = 0;
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
          const all = hold(owner, chunk.length);
          if (bytes > maxBytes) refuse('TOO_LARGE');
          else if (all > maxBytesUnderWay) refuse('FULL');
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
