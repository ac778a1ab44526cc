import { z } from 'zod';
import { MailAuthenticationResult, type Message } from '../../../../generated/prisma/client.js';

/** The authentication results of trusted mail servers for a message's e-mail. */
export type MailAuthentication = Pick<Message, 'spf' | 'dkim' | 'dmarc'>;

const result = z.enum(MailAuthenticationResult).nullish();

/** The same in imported files. */
export const importedAuthentication = z.strictObject({ spf: result, dkim: result, dmarc: result });

/** Null if there are no results. */
export const authenticationOf = ({ spf, dkim, dmarc }: MailAuthentication): MailAuthentication | null =>
  (spf ?? dkim ?? dmarc) === null ? null : { spf, dkim, dmarc };
