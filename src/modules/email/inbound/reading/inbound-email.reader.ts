import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { badInput } from '../../../../errors.js';
import { packageRoot } from '../../../../lib/process/root.js';
import type { ParsedMail } from './inbound-email.parse.js';
import type { MailToRead, ReadMail } from './inbound-email.worker.js';

/** Parses e-mails in a separate thread, so that none of them blocks the process or uses up its memory. */
export interface MailReader {
  /**
   * Parses the e-mail in a request body of this media type. The body goes to the thread and is empty afterwards.
   * @throws BAD_USER_INPUT if there is none, or if parsing takes too much time or memory.
   */
  read(contentType: string | undefined, body: Uint8Array): Promise<ParsedMail>;
  /** Ends the thread after the waiting e-mails have been parsed. */
  close(): Promise<void>;
}

export interface MailReaderOptions {
  /** The time limit for one e-mail; 10 seconds by default. */
  timeoutMs?: number;
}

/** The compiled script, also in tests, which run the sources: Node cannot run TypeScript in a thread. */
const script = join(packageRoot, 'dist/src/modules/email/inbound/reading/inbound-email.worker.js');
const maxHeapMb = 256;

/** The thread is started for the first e-mail, and again after an e-mail that ended it. */
export function createMailReader({ timeoutMs = 10_000 }: MailReaderOptions = {}): MailReader {
  let thread: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const start = (): Worker => {
    const worker = new Worker(script, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });
    // A waiting thread does not keep the process alive, and an error in the thread does not end it.
    worker.unref();
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (thread === worker) thread = undefined;
    });
    return worker;
  };

  const readNow = async (request: MailToRead): Promise<ParsedMail> => {
    thread ??= start();
    const answer = await ask(thread, request, timeoutMs);
    if (answer === undefined) {
      await thread?.terminate();
      throw badInput([], 'The mail takes too much time or memory to read.');
    }
    if ('refusal' in answer) throw badInput([], answer.refusal);
    return answer.mail;
  };

  return {
    read(contentType, body) {
      const reading = last.then(() => readNow({ contentType, body: whole(body) }));
      last = reading.catch(() => undefined);
      return reading;
    },
    async close() {
      await last;
      await thread?.terminate();
    },
  };
}

/** The bytes with a memory of their own, which can go to a thread; a copy only where others have a part of it. */
const whole = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);

/** The answer of the thread; undefined if it ends or takes too long. */
function ask(worker: Worker, request: MailToRead, timeoutMs: number): Promise<ReadMail | undefined> {
  return new Promise((resolve) => {
    const settle = (answer?: ReadMail): void => {
      clearTimeout(timer);
      worker.off('message', settle).off('exit', end);
      resolve(answer);
    };
    const end = (): void => settle();
    const timer = setTimeout(end, timeoutMs);
    worker.on('message', settle).on('exit', end);
    worker.postMessage(request, [request.body.buffer]);
  });
}
