/** The thread that parses e-mails one after the other. A harmful e-mail can only affect this thread. */
import { parentPort } from 'node:worker_threads';
import { mailFields, mailIn } from './inbound-email.envelope.js';
import { type ParsedMail, parseMail } from './inbound-email.parse.js';

/** A request to the thread. */
export interface MailToRead {
  contentType: string | undefined;
  body: Uint8Array<ArrayBuffer>;
}

/** The answer: the e-mail, or why there is none. */
export type ReadMail = { mail: ParsedMail } | { refusal: string };

/** A mail whose lines are so many and so short serves to occupy whoever reads it. */
const linesOfAnyMail = 100_000;
const bytesPerFurtherLine = 50;

parentPort?.on('message', (request: MailToRead) => {
  void read(request).then((answer) => parentPort?.postMessage(answer));
});

async function read({ contentType, body }: MailToRead): Promise<ReadMail> {
  const posted = mailIn(contentType, body);
  if (!posted) return { refusal: `None of the fields ${mailFields.join(', ')} holds a mail.` };
  const { raw, recipients } = posted;
  if (hasMoreLinesThan(raw, linesOfAnyMail + raw.byteLength / bytesPerFurtherLine)) {
    return { refusal: 'The mail has too many lines.' };
  }
  try {
    return { mail: await parseMail(raw, recipients) };
  } catch {
    return {
      refusal: 'The mail cannot be read: it has too many parts, is nested too deeply, or its headers are too long.',
    };
  }
}

function hasMoreLinesThan(raw: Uint8Array, most: number): boolean {
  let lines = 0;
  for (let place = raw.indexOf(10); place !== -1; place = raw.indexOf(10, place + 1)) {
    lines += 1;
    if (lines > most) return true;
  }
  return false;
}
