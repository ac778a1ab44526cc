import { cacheReads } from '../observe/meters.js';

/** An answer, and whether it was there already. */
export interface Answered<Answer> {
  answer: Answer;
  isHit: boolean;
}

/** Notes of the heavy reads of one request whether their answers were there already. */
export class CacheUse {
  #told: 'hit' | 'miss' | undefined;

  /** Notes one read, and hands its answer on. */
  note<Answer>({ answer, isHit }: Answered<Answer>): Answer {
    cacheReads.inc({ result: isHit ? 'hit' : 'miss' });
    this.#told = isHit && this.#told !== 'miss' ? 'hit' : 'miss';
    return answer;
  }

  /** Whether all answers were there, or any was not; undefined when there was no such read. */
  get told(): 'hit' | 'miss' | undefined {
    return this.#told;
  }
}
