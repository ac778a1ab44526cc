import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { vi } from 'vitest';
import { startQueue } from '../../src/db/queue/queue.js';
import { createLog } from '../../src/lib/process/log.js';
import { openTestApp, type TestApp, type TestAppOptions } from './app.js';
import { createTestDatabase } from './database.js';

/** A mail as a mail server got it. */
export interface ReceivedLetter {
  from: string;
  to: string[];
  raw: string;
  /** The names of its headers, lower case, in their order. */
  headerNames: string[];
  /** The value of its only header of this name; undefined without one. */
  header(name: string): string | undefined;
  /** What follows the headers. */
  body: string;
}

/** The headers of a mail, unfolded, and its body. */
export function readLetter(raw: string): Omit<ReceivedLetter, 'from' | 'to'> {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
  return {
    raw,
    headerNames: lines.map(([name]) => name),
    header(name) {
      const values = lines.filter(([other]) => other === name.toLowerCase());
      if (values.length > 1) throw new Error(`There are ${values.length} headers ${name}.`);
      return values[0]?.[1];
    },
    body: raw.slice(end + 4),
  };
}

export interface MailServer {
  url: string;
  port: number;
  /** What was delivered. */
  letters: ReceivedLetter[];
  /** How often somebody tried to deliver something. */
  attempts(): number;
  close(): Promise<void>;
}

/** The answer to a mail, such as "451 Try again later"; null takes it in. */
export type Judge = (attempt: number, recipient: string) => string | null;

/** A mail server that delivers into its memory. `thanks` is what it answers to a mail that it takes. */
export async function startMailServer(
  judge: Judge = () => null,
  port = 0,
  thanks: (count: number) => string = () => 'OK',
): Promise<MailServer> {
  const letters: ReceivedLetter[] = [];
  let attempts = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, { envelope }, callback) {
      text(stream).then((raw) => {
        const to = envelope.rcptTo.map(({ address }) => address);
        attempts += 1;
        const answer = judge(attempts, to.join());
        if (answer !== null) {
          const [code = '', ...words] = answer.split(' ');
          return callback(Object.assign(new Error(words.join(' ')), { responseCode: Number(code) }));
        }
        letters.push({ from: envelope.mailFrom ? envelope.mailFrom.address : '', to, ...readLetter(raw) });
        callback(null, thanks(letters.length));
      }, callback);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const listening = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${listening.port}`,
    port: listening.port,
    letters,
    attempts: () => attempts,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** The application over a database that is its own, because whoever works off the queue of a database takes all its mails. */
export interface PostOffice extends TestApp {
  /** As if there were another process that sends mails. */
  hire(): Promise<void>;
}

export async function openPostOffice(
  mail: NonNullable<TestAppOptions['mail']>,
  options: TestAppOptions = {},
): Promise<PostOffice> {
  const own = await createTestDatabase();
  const { connection } = own;
  const testApp = await openTestApp({ ...options, connection, mail });
  const log = createLog('silent');
  const { workers } = testApp.app;
  const queues: Awaited<ReturnType<typeof startQueue>>[] = [];
  const hire = async (): Promise<void> => {
    queues.push(startQueue({ connection, log, workers, pollMs: 50 }));
  };
  await hire();
  return {
    ...testApp,
    hire,
    async close() {
      await Promise.all(queues.map((queue) => queue.stop()));
      await testApp.close();
      await own.drop();
    },
  };
}

/** Waits until what `check` expects is so. */
export const eventually = <Value>(check: () => Promise<Value> | Value): Promise<Value> =>
  vi.waitFor(check, { timeout: 120_000, interval: 50 });

export const readLetterFile = async (path: string) => readLetter(await readFile(path, 'utf8'));
