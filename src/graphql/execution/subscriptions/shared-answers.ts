import type { ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';

/** What an event is answered with, and how many bytes that has; written once, however many get it. */
export interface Answer {
  result: ExecutionResult & Partial<Written>;
  bytes: number;
}

/** An answer that is written as JSON already. */
export interface Written {
  /** What GraphQL Yoga takes instead of writing the answer. */
  stringify(): string;
  /** The same as bytes. */
  utf8(): Buffer;
}

export const isWritten = (result: object): result is Written => 'utf8' in result;

/** Those who ask the same of each event, and get the same answer. */
export interface Askers {
  /**
   * The answer to an event; `make` makes it when nobody has before. Whoever leaves while making it, or has no room for it,
   * leaves that to the next; undefined for whoever has no room.
   */
  answer(seq: bigint, make: () => Promise<Answer | undefined>): Promise<Answer | undefined>;
  leave(): void;
}

/** The maker has gone, so that there is no answer. */
export class MakerLeft extends Error {
  override readonly name = 'MakerLeft';
}

/** Answers are kept for those who come to the event later, so many bytes of them. */
const maxKeptBytes = 16 * 1_024 * 1_024;

/** The subscriptions of this process that share their answers: those with one signature. */
export function createSharedAnswers(): { join(signature: string): Askers } {
  const members = new Map<string, number>();
  const underWay = new Map<string, Promise<Answer | undefined>>();
  const kept = new LRUCache<string, Answer>({ maxSize: maxKeptBytes, sizeCalculation: ({ bytes }) => bytes + 1_000 });

  return {
    join(signature) {
      members.set(signature, (members.get(signature) ?? 0) + 1);
      return {
        async answer(seq, make) {
          if (members.get(signature) === 1) return make();
          const place = `${seq} ${signature}`;
          for (;;) {
            const known = kept.get(place) ?? underWay.get(place);
            if (!known) break;
            try {
              const answer = await known;
              if (answer) return answer;
            } catch (error) {
              if (!(error instanceof MakerLeft)) throw error;
            }
          }
          const making = make();
          underWay.set(place, making);
          try {
            const answer = await making;
            if (answer) kept.set(place, answer);
            return answer;
          } finally {
            underWay.delete(place);
          }
        },
        leave() {
          const left = (members.get(signature) ?? 0) - 1;
          if (left > 0) members.set(signature, left);
          else members.delete(signature);
        },
      };
    },
  };
}

/** The answer, written. One with errors is still worded for clients, and so written by whoever sends it. */
export function written(result: ExecutionResult): Answer {
  const text = JSON.stringify(result);
  const bytes = Buffer.byteLength(text);
  if (result.errors) return { result, bytes };
  let utf8: Buffer | undefined;
  return {
    result: {
      ...result,
      stringify: () => text,
      utf8() {
        utf8 ??= Buffer.from(text);
        return utf8;
      },
    },
    bytes,
  };
}
