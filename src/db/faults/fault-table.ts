/**
 * The faults of the database, and of the connection to it, that are not caused by a request. The graph, REST, the
 * command line, the jobs and /ready all use this table.
 */

/** How a fault of a statement affects /ready. Faults that the check of /ready meets itself always count. */
type Readiness =
  /** Not at all: it concerns only this statement, or the check itself meets it too. */
  | 'unaffected'
  /** Not ready until a write has succeeded. */
  | 'until a write'
  /** Not ready for some seconds, because the small write of the check may succeed although others fail. */
  | 'for a while';

export interface Fault {
  /**
   * The code for clients. UNAVAILABLE (HTTP 503) for a fault that passes without a change of the request;
   * INTERNAL_SERVER_ERROR (500) for one that an operator must fix.
   */
  code: 'UNAVAILABLE' | 'INTERNAL_SERVER_ERROR';
  /** The seconds after which a retry makes sense; null when it does not. */
  retryAfter: number | null;
  /** `warn` for faults that pass by themselves, `error` for those that an operator must fix. */
  level: 'warn' | 'error';
  /** The cause in one sentence, for the log, /ready and the command line. */
  words: string;
  readiness: Readiness;
  /** The message for clients, instead of the usual one. */
  told?: string;
}

const passing = (words: string, retryAfter: number, told?: string): Fault => ({
  code: 'UNAVAILABLE',
  retryAfter,
  level: 'warn',
  words,
  readiness: 'unaffected',
  ...(told !== undefined && { told }),
});

const lasting = (words: string, retryAfter: number, readiness: Readiness): Fault => ({
  code: 'UNAVAILABLE',
  retryAfter,
  level: 'error',
  words,
  readiness,
});

const defect = (words: string): Fault => ({
  code: 'INTERNAL_SERVER_ERROR',
  retryAfter: null,
  level: 'error',
  words,
  readiness: 'unaffected',
});

const contended = 'Others are changing the same right now; try again.';

/** Faults without an SQLSTATE. */
export const faults = {
  unreachable: passing('The database cannot be reached.', 2),
  session: lasting('The database does not let a session be what statements need.', 5, 'for a while'),
  encryption: lasting('The encrypted connection to the database could not be made.', 30, 'for a while'),
  poolBusy: passing('No connection to the database became free in time.', 2),
  slowTransaction: passing('A transaction took longer than it may.', 2),
} satisfies Record<string, Fault>;

/** Faults by SQLSTATE; the first matching pattern counts. An error without a match is a defect of a statement. */
export const faultsByState: readonly (readonly [state: RegExp, fault: Fault])[] = [
  [/^08/, faults.unreachable],
  [/^57P0[123]$/, passing('The database is starting, shutting down or recovering.', 2)],
  [/^(?:57P04|3D000)$/, lasting('The database does not exist.', 30, 'for a while')],
  [/^(?:57P05|25P0[34])$/, passing('The database ended a session that took too long.', 2)],
  [/^57/, passing('A statement was cancelled, or took longer than the database allows.', 2)],
  [/^28/, lasting('The database refuses the user or the password of the gateway.', 30, 'for a while')],
  [/^42501$/, lasting('The role of the gateway lacks a privilege in the database.', 30, 'unaffected')],
  [/^25006$/, lasting('The database takes no writes.', 5, 'until a write')],
  [/^53100$/, lasting('The disk of the database is full.', 30, 'for a while')],
  [/^53200$/, lasting('The database is out of memory.', 5, 'unaffected')],
  [/^53300$/, passing('The database has no connection left.', 2)],
  [/^53/, lasting('The database has too few resources.', 5, 'unaffected')],
  [/^(?:58|F0)/, lasting('The system of the database failed, such as its disk.', 30, 'for a while')],
  [/^55P03$/, passing('A lock of the database could not be had in time.', 1, contended)],
  [/^(?:40001|40P01)$/, passing('Transactions collided again and again.', 1, contended)],
  [/^40003$/, faults.unreachable],
  [/^72/, passing('The database no longer has what a long read began with.', 1)],
  [/^(?:42P01|42703|42883|3F000)$/, defect('The database has not the tables and functions that this version needs.')],
  [/^(?:26000|42P05)$/, defect('The database lost prepared statements, as behind a pooler that changes sessions.')],
  [/^54/, defect('A statement exceeds what the database can do.')],
  [/^XX00[12]$/, defect('The database reports damaged data.')],
  [/^XX/, defect('The database failed inside.')],
];
