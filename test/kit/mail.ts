import type { Desk } from './app.js';
import type { TestServer } from './http.js';

/** A mail as it travels: the headers, with those that every mail has, and the body. */
export function mail(headers: Record<string, string>, body = 'Hello'): string {
  const all: Record<string, string> = {
    From: 'Jane Doe <jane@example.com>',
    To: 'help@desk.test',
    Subject: 'Where is it?',
    'Message-ID': '<1@example.com>',
    Date: 'Fri, 13 Mar 2026 10:00:00 +0100',
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== '');
  return [...lines.map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');
}

/** The parts of a multipart body, each with its headers. */
export const multipart = (boundary: string, ...parts: string[]): string =>
  [...parts.flatMap((part) => [`--${boundary}`, part]), `--${boundary}--`, ''].join('\r\n');

export interface MailAnswer {
  status: number;
  headers: Headers;
  body: {
    conversationId: string;
    messageId: string;
    contactId: string;
    error?: { code: string; message: string; requiredScope?: string };
  };
}

export interface MailPost {
  contentType?: string | null;
  /** What follows /inbound/email. */
  query?: string;
  authorization?: string | null;
  method?: string;
}

/** Posts a mail as a mail service does, with the key of the desk unless said otherwise. */
export async function postMail(
  { origin }: Pick<TestServer, 'origin'>,
  { key }: Pick<Desk, 'key'>,
  body: RequestInit['body'],
  { contentType = 'message/rfc822', query = '', authorization = `Bearer ${key}`, method = 'POST' }: MailPost = {},
): Promise<MailAnswer> {
  const response = await fetch(`${origin}/inbound/email${query}`, {
    method,
    headers: {
      ...(contentType !== null && { 'content-type': contentType }),
      ...(authorization !== null && { authorization }),
    },
    ...(body != null && { body }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as MailAnswer['body'] };
}
