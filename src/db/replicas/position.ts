/** Places in the log of changes (WAL) of a PostgreSQL server: what was committed lies before, what a replica replayed as well. */

/** An LSN as 16 hexadecimal digits, so that a later one is the greater text. Empty: before everything. */
export type Position = string;

/** Of an LSN as PostgreSQL writes it, such as "16/B374D848". */
export function positionOf(lsn: string): Position {
  const [segment = '', offset = ''] = lsn.split('/');
  return `${segment.padStart(8, '0')}${offset.padStart(8, '0')}`.toUpperCase();
}

/** After everything that a server will ever write: no replica has it. */
export const unknownPosition: Position = 'F'.repeat(16);

export const laterOf = (positions: readonly Position[]): Position => [...positions].sort().at(-1) ?? '';

/** A replica that may lack what is older than this is not read from. */
export const mostLagMs = 10_000;

/** Calls `look`, one call at a time. Callers share one that begins after they called, so that it sees all that was before. */
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
