/** The thread that parses e-mails one after the other. A harmful e-mail can only affect this thread. */
import { parentPort } from 'node:worker_threads';
import { mailFields, mailIn } from './inbound-email.envelope.js';
import { type ParsedMail, parseMail } from './inbound-email.parse.js';

/** A request to the thread. */
export interface MailToRead {
  contentType: string | undefined;
  body: Uint8Array<ArrayBuffer>;
}

/** The answer: the parsed e-mail or the reason why it cannot be parsed, with the raw e-mail if one was found. */
export type ReadMail = ({ mail: ParsedMail } | { refusal: string }) & PostedBytes;

interface PostedBytes {
  /** The raw e-mail; null if the body contains none, or if the body is the raw e-mail. */
  raw: Uint8Array<ArrayBuffer> | null;
  /** The recipients that the mail service reports. */
  recipients: string[];
}

/** An e-mail with more and shorter lines than this was made to keep the parser busy. */
const linesOfAnyMail = 100_000;
const bytesPerFurtherLine = 50;

parentPort?.on('message', (request: MailToRead) => {
  void read(request).then((answer) => {
    const contents = 'mail' in answer ? answer.mail.contents.map(({ bytes }) => bytes.buffer) : [];
    const memories = new Set(answer.raw ? [answer.raw.buffer, ...contents] : contents);
    parentPort?.postMessage(answer, [...memories]);
  });
});

async function read({ contentType, body }: MailToRead): Promise<ReadMail> {
  const posted = mailIn(contentType, body);
  if (!posted) {
    return { refusal: `None of the fields ${mailFields.join(', ')} holds a mail.`, raw: null, recipients: [] };
  }
  const { raw, recipients } = posted;
  const bytes = { raw: raw === body ? null : new Uint8Array(raw), recipients };
  if (hasMoreLinesThan(raw, linesOfAnyMail + raw.byteLength / bytesPerFurtherLine)) {
    return { refusal: 'The mail has too many lines.', ...bytes };
  }
  try {
    return { mail: await parseMail(raw, recipients), ...bytes };
  } catch {
    return {
      refusal: 'The mail cannot be read: it has too many parts, is nested too deeply, or its headers are too long.',
      ...bytes,
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
