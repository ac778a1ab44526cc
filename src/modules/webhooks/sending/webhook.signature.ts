import { createHmac, randomBytes } from 'node:crypto';

/** The data that is signed: the request's id, its time in seconds, and its body exactly as sent. */
export interface Message {
  id: string;
  timestamp: number;
  body: string;
}

const prefix = 'whsec_';
const secretBytes = 32;

/** A new secret: "whsec_" and 256 random bits in base64. */
export const newSecret = (): string => `${prefix}${randomBytes(secretBytes).toString('base64')}`;

/** The headers of the Standard Webhooks specification, with a signature for each secret. */
export function standardHeaders({ id, timestamp, body }: Message, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
