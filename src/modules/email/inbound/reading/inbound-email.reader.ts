import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../../errors.js';
import { packageRoot } from '../../../../lib/process/root.js';
import { mailFormatOf } from './inbound-email.envelope.js';
import type { ParsedMail } from './inbound-email.parse.js';
import type { MailToRead, ReadMail } from './inbound-email.worker.js';

/** Parses e-mails in a separate thread, so that no e-mail blocks the process or exhausts its memory. */
export interface MailReader {
  /**
   * Parses the e-mail in a request body of this media type. The thread gets a copy of the body.
   * @throws UnreadableMail if there is no e-mail, or if parsing takes too much time or memory.
   */
  read(contentType: string | undefined, body: Uint8Array): Promise<PostedMail>;
  /** Ends the thread after the waiting e-mails have been parsed. */
  close(): Promise<void>;
}

/** An e-mail with its bytes. */
export interface PostedMail extends ParsedMail {
  raw: Uint8Array;
}

/** An e-mail that cannot be read, or a body without one. */
export class UnreadableMail extends AppError {
  constructor(
    reason: string,
    /** The raw e-mail and the recipients that the mail service reports; null if the body contains no e-mail. */
    readonly found: { raw: Uint8Array; recipients: readonly string[] } | null,
  ) {
    super('BAD_USER_INPUT', reason, { path: [] });
  }
}

export interface MailReaderOptions {
  /** The time limit for one e-mail; 10 seconds by default. */
  timeoutMs?: number;
}

/** The compiled script. Tests use it too, because Node cannot run TypeScript in a thread. */
const script = join(packageRoot, 'dist/src/modules/email/inbound/reading/inbound-email.worker.js');
const maxHeapMb = 256;

/** The thread starts with the first e-mail, and starts again after an e-mail that ended it. */
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

  const readNow = async (contentType: string | undefined, body: Uint8Array): Promise<PostedMail> => {
    const isMail = mailFormatOf(contentType) === 'RAW';
    const copy = await copyOf(body);
    thread ??= start();
    const answer = await ask(thread, { contentType, body: copy }, timeoutMs);
    if (answer === undefined) {
      await thread?.terminate();
      const found = isMail ? { raw: body, recipients: [] } : null;
      throw new UnreadableMail('The mail takes too much time or memory to read.', found);
    }
    const raw = answer.raw ?? (isMail ? body : null);
    if ('refusal' in answer) throw new UnreadableMail(answer.refusal, raw && { raw, recipients: answer.recipients });
    return { ...answer.mail, raw: raw ?? body };
  };

  return {
    read(contentType, body) {
      const reading = last.then(() => readNow(contentType, body));
      last = reading.catch(() => undefined);
      return reading;
    },
    async close() {
      await last;
      await thread?.terminate();
    },
  };
}

const pieceBytes = 2 * 1_024 * 1_024;

/** Copies in pieces so that other work runs in between, because writing to new memory takes time. */
async function copyOf(body: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const copy = new Uint8Array(body.byteLength);
  for (let start = 0; start < body.byteLength; start += pieceBytes) {
    copy.set(body.subarray(start, start + pieceBytes), start);
    await setImmediate();
  }
  return copy;
}

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
