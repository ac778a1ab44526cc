import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type NodemailerError } from 'nodemailer';
import { relayIdIn } from '../message-id.js';
import type { ComposedMail } from './outbound-email.compose.js';
import { SendFailure } from './outbound-email.failure.js';

/**
 * Sends an e-mail. `name` is the id of the message. Returns the id that the relay assigned, or null.
 * @throws SendFailure; any other error is a defect.
 */
export type MailTransport = (mail: ComposedMail, name: string) => Promise<string | null>;

/** How an installation sends e-mails. */
export interface MailOptions {
  /** The mail server. When absent, each e-mail is written to a file. */
  smtpUrl?: string | undefined;
  /** The directory of these files. */
  outbox: string;
  /**
   * The address of the e-mail channel that is created for a workspace that has none and something to send. When absent,
   * none is created.
   */
  from?: string;
  /** Whether Reply-To is an address that names the conversation. The mailboxes must accept "+". */
  threadAddresses?: boolean;
  /** The delay before the first retry, in milliseconds. */
  retryMs?: number;
}

/** The mail server, or the directory. */
export const transportOf = ({ smtpUrl, outbox }: MailOptions): MailTransport =>
  smtpUrl ? smtpTransport(smtpUrl) : fileTransport(outbox);

/** Sends through the mail server of a URL such as `smtp://user:password@mail.example:587`, each e-mail over its own connection. */
export function smtpTransport(url: string): MailTransport {
  const transport = createTransport({
    url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    dnsTimeout: 10_000,
    socketTimeout: 30_000,
  });
  return async (mail) => {
    try {
      const { response } = await transport.sendMail(mail);
      return relayIdIn(response);
    } catch (error) {
      throw failureOf(error);
    }
  };
}

const maxReasonLength = 500;

/** The reply of the mail server is shown to users. Errors of the connection itself are only logged. */
function failureOf(error: unknown): SendFailure {
  const { code, response, responseCode, permanent = false } = error as NodemailerError;
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) {
    return new SendFailure('AUTHENTICATION', 'The mail server does not let us in.', false, error);
  }
  if (responseCode !== undefined && response !== undefined) {
    const reason = response.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, maxReasonLength);
    return new SendFailure(String(responseCode), reason, permanent, error);
  }
  if (code === 'EENVELOPE') return new SendFailure('ADDRESS', 'The mail server takes no such address.', true, error);
  return new SendFailure('UNREACHABLE', 'The mail server cannot be reached.', false, error);
}

/** Writes each e-mail into a directory, atomically. */
export function fileTransport(directory: string): MailTransport {
  return async ({ raw }, name) => {
    const draft = join(directory, `.${name}-${randomUUID()}`);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      try {
        await writeFile(draft, raw, { flag: 'wx', mode: 0o600, flush: true });
        await rename(draft, join(directory, `${name}.eml`));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    } catch (error) {
      throw new SendFailure('OUTBOX', 'The mail could not be written to the outbox.', false, error);
    }
    return null;
  };
}

/**
 * Removes the e-mails of these messages from the directory, with their temporary files. Returns how many e-mails there
 * were. A missing directory is no error.
 * @throws other errors of the file system
 */
export async function forgetMails(directory: string, names: readonly string[]): Promise<number> {
  const wanted = new Set(names);
  const files = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const mails = files.filter((file) => file.endsWith('.eml') && wanted.has(file.slice(0, -'.eml'.length)));
  const drafts = files.filter((file) => wanted.has(draftForm.exec(file)?.[1] ?? ''));
  for (const file of [...mails, ...drafts]) await rm(join(directory, file), { force: true });
  return mails.length;
}

const draftForm = /^\.(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
