/**
 * Positions in the write-ahead log (WAL) of a PostgreSQL server. A commit, or what a replica has replayed, lies before
 * a position.
 */

/**
 * An LSN as 16 hexadecimal digits, so that a later position is the greater string. The empty string is before
 * everything.
 */
export type Position = string;

/** The position of an LSN in PostgreSQL's format, such as "16/B374D848". */
export function positionOf(lsn: string): Position {
  const [segment = '', offset = ''] = lsn.split('/');
  return `${segment.padStart(8, '0')}${offset.padStart(8, '0')}`.toUpperCase();
}

/** After everything that a server will ever write. No replica reaches it. */
export const unknownPosition: Position = 'F'.repeat(16);

export const laterOf = (positions: readonly Position[]): Position => [...positions].sort().at(-1) ?? '';

/** A replica that may be further behind than this is not used. */
export const mostLagMs = 10_000;

/**
 * Calls `look`, one call at a time. A caller shares only a call that begins after its own, so that the result includes
 * everything before it.
 */
export function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (next) return next;
    const begin = (): Promise<T> => {
      next = undefined;
      return look();
    };
    next = last.then(begin, begin);
    last = next;
    return next;
  };
}
