import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { badInput } from '../../../errors.js';
import { packageRoot } from '../../../lib/process/root.js';
import type { ParsedMail } from './inbound-email.parse.js';
import type { MailToRead, ReadMail } from './inbound-email.worker.js';

/** Reads mails in a thread of its own, so that none of them holds up the process or takes its memory. */
export interface MailReader {
  /**
   * The mail that the body of a request of this type holds.
   * @throws BAD_USER_INPUT when it holds none, or one that takes too much time or memory to read.
   */
  read(contentType: string | undefined, body: Uint8Array): Promise<ParsedMail>;
  /** Ends the thread once the mails that wait have been read. */
  close(): Promise<void>;
}

export interface MailReaderOptions {
  /** How long one mail may take; 10 seconds unless said otherwise. */
  timeoutMs?: number;
}

/** Also from tests, which run the sources, the thread is the compiled one: Node runs no TypeScript. */
const script = join(packageRoot, 'dist/src/modules/email/inbound/inbound-email.worker.js');
const maxHeapMb = 256;

/** The thread is started with the first mail, and again after one that it did not survive. */
export function createMailReader({ timeoutMs = 10_000 }: MailReaderOptions = {}): MailReader {
  let thread: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const start = (): Worker => {
    const worker = new Worker(script, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });
    // A thread that waits for mails keeps no process alive, and one that breaks ends none.
    worker.unref();
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (thread === worker) thread = undefined;
    });
    return worker;
  };

  const readNow = async (asked: MailToRead): Promise<ParsedMail> => {
    thread ??= start();
    const answer = await ask(thread, asked, timeoutMs);
    if (answer === undefined) {
      await thread?.terminate();
      throw badInput([], 'The mail takes too much time or memory to read.');
    }
    if ('refusal' in answer) throw badInput([], answer.refusal);
    return answer.mail;
  };

  return {
    read(contentType, body) {
      const reading = last.then(() => readNow({ contentType, body: new Uint8Array(body) }));
      last = reading.catch(() => undefined);
      return reading;
    },
    async close() {
      await last;
      await thread?.terminate();
    },
  };
}

/** What the thread answers; undefined when it ends, or takes too long. */
function ask(worker: Worker, asked: MailToRead, timeoutMs: number): Promise<ReadMail | undefined> {
  return new Promise((resolve) => {
    const settle = (answer?: ReadMail): void => {
      clearTimeout(timer);
      worker.off('message', settle).off('exit', end);
      resolve(answer);
    };
    const end = (): void => settle();
    const timer = setTimeout(end, timeoutMs);
    worker.on('message', settle).on('exit', end);
    worker.postMessage(asked, [asked.body.buffer]);
  });
}
