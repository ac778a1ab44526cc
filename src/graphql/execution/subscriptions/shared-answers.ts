import type { ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';

/** The serialised answer to an event, and its size in bytes. It is written once for all subscriptions that share it. */
export interface Answer {
  result: ExecutionResult & Partial<Written>;
  bytes: number;
}

/** An answer that is already serialised as JSON. */
export interface Written {
  /** GraphQL Yoga calls this instead of serialising the answer. */
  stringify(): string;
  /** The same as bytes. */
  utf8(): Buffer;
}

export const isWritten = (result: object): result is Written => 'utf8' in result;

/** Subscriptions that have the same answer to each event. */
export interface Askers {
  /**
   * The answer to an event. `make` creates it if no other subscription has created it yet. If the maker leaves first,
   * or has no room for the answer, the next subscription makes it. Undefined for a subscription without room.
   */
  answer(seq: bigint, make: () => Promise<Answer | undefined>): Promise<Answer | undefined>;
  leave(): void;
}

/** The maker has left before the answer was complete. */
export class MakerLeft extends Error {
  override readonly name = 'MakerLeft';
}

/** The total size of the answers that are cached for subscriptions that reach the event later. */
const maxKeptBytes = 16 * 1_024 * 1_024;

/** Lets subscriptions of this process with the same signature share their answers. */
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

/** The serialised answer. An answer with errors is not serialised yet, because its errors are still to be masked. */
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
