import { cacheReads } from '../observe/meters.js';

/** An answer, and whether it came from the cache. */
export interface Answered<Answer> {
  answer: Answer;
  isHit: boolean;
}

/** Notes for the heavy reads of one request whether they were answered from the cache. */
export class CacheUse {
  #told: 'hit' | 'miss' | undefined;

  /** Notes one read and returns its answer. */
  note<Answer>({ answer, isHit }: Answered<Answer>): Answer {
    cacheReads.inc({ result: isHit ? 'hit' : 'miss' });
    this.#told = isHit && this.#told !== 'miss' ? 'hit' : 'miss';
    return answer;
  }

  /** `hit` when all reads were answered from the cache, `miss` when one was not; undefined without such reads. */
  get told(): 'hit' | 'miss' | undefined {
    return this.#told;
  }
}
