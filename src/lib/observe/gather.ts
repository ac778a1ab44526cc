/** Collects the metrics of all processes of a gateway. The messages go through the process that started the others. */

/** The metrics of one process, as JSON of the metrics library. */
export type Counted = object[];

/** Turns a function that returns the metrics of this process into one that returns those of all processes. */
export type Gather = (own: () => Promise<Counted>) => () => Promise<Counted[]>;

/** For a gateway of one process. */
export const alone: Gather = (own) => async () => [await own()];

export type GatherMessage =
  /** From a serving process: it wants the metrics of all processes. */
  | { wanted: number }
  /** To all processes, and their answers. */
  | { report: number }
  | { reported: number; counted: Counted }
  /** To the process that asked. */
  | { gathered: number; all: Counted[] };

/** A process that does not answer within this time is left out. */
const patienceMs = 2_000;

/** A serving process, as the process that started it sees it. */
export interface Member {
  send(message: GatherMessage): void;
}

/** For the process that started the others: handles the messages that they send. */
export function createGatherer(members: ReadonlySet<Member>): (from: Member, message: GatherMessage) => void {
  interface Round {
    missing: Set<Member>;
    all: Counted[];
    end(): void;
  }
  const rounds = new Map<number, Round>();
  let last = 0;

  return (from, message) => {
    if ('wanted' in message) {
      last += 1;
      const id = last;
      const end = (): void => {
        clearTimeout(timer);
        if (rounds.delete(id)) from.send({ gathered: message.wanted, all: round.all });
      };
      const timer = setTimeout(end, patienceMs);
      const round: Round = { missing: new Set(members), all: [], end };
      rounds.set(id, round);
      for (const member of round.missing) member.send({ report: id });
    } else if ('reported' in message) {
      const round = rounds.get(message.reported);
      if (!round?.missing.delete(from)) return;
      round.all.push(message.counted);
      if (round.missing.size === 0) round.end();
    }
  };
}

/** For a serving process. `listen` registers a listener for messages. */
export const gatherBy =
  (send: (message: GatherMessage) => void, listen: (told: (message: GatherMessage) => void) => void): Gather =>
  (own) => {
    const waiting = new Map<number, (all: Counted[]) => void>();
    let last = 0;
    listen((message) => {
      if ('report' in message) {
        const { report } = message;
        // A process that cannot report its metrics is left out.
        own().then(
          (counted) => send({ reported: report, counted }),
          () => undefined,
        );
      } else if ('gathered' in message) {
        waiting.get(message.gathered)?.(message.all);
        waiting.delete(message.gathered);
      }
    });
    return () =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        send({ wanted: last });
      });
  };
