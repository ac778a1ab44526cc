/** Gathers what the processes of a gateway have counted, by way of the one that has started them. */

/** What one process has counted, as the library for metrics tells it as JSON. */
export type Counted = object[];

/** Makes of what tells of this process what tells of all of them. */
export type Gather = (own: () => Promise<Counted>) => () => Promise<Counted[]>;

/** For a gateway of one process. */
export const alone: Gather = (own) => async () => [await own()];

export type GatherMessage =
  /** From a process that serves: it wants to know what all have counted. */
  | { wanted: number }
  /** To all of them, and their answers. */
  | { report: number }
  | { reported: number; counted: Counted }
  /** To the process that wanted to know. */
  | { gathered: number; all: Counted[] };

/** A process that does not answer for so long is left out. */
const patienceMs = 2_000;

/** A process as the one that has started it sees it. */
export interface Member {
  send(message: GatherMessage): void;
}

/** For the process that has started the others: takes the messages that they send. */
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

/** For a process that serves. `listen` has it told of messages. */
export const gatherBy =
  (send: (message: GatherMessage) => void, listen: (told: (message: GatherMessage) => void) => void): Gather =>
  (own) => {
    const waiting = new Map<number, (all: Counted[]) => void>();
    let last = 0;
    listen((message) => {
      if ('report' in message) {
        const { report } = message;
        // Who cannot tell is left out.
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
