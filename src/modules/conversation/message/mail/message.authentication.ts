import { z } from 'zod';
import { MailAuthenticationResult, type Message } from '../../../../generated/prisma/client.js';

/** What trusted mail servers found out about the sender of a message's mail. */
export type MailAuthentication = Pick<Message, 'spf' | 'dkim' | 'dmarc'>;

const result = z.enum(MailAuthenticationResult).nullish();

/** The same as files have it. */
export const importedAuthentication = z.strictObject({ spf: result, dkim: result, dmarc: result });

/** Null if they say nothing. */
export const authenticationOf = ({ spf, dkim, dmarc }: MailAuthentication): MailAuthentication | null =>
  (spf ?? dkim ?? dmarc) === null ? null : { spf, dkim, dmarc };
