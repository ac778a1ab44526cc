import { mailBounds } from '../../conversation/message/mail/message.bounds.js';
import { oneLine } from './reading/inbound-email.text.js';

const maxHeadBytes = 65_536;
const address = /([^\s<>"'(),:;@]{1,200}@[^\s<>"'(),:;@]{1,200})/;

/**
 * The sender and subject of an e-mail that cannot be parsed, as far as its headers show them. People recognise the
 * e-mail by them, and deletions find it by them.
 */
export function headOf(bytes: Uint8Array): { sender: string | null; subject: string | null } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, maxHeadBytes)).toString('utf8');
  const [head = ''] = text.split(/\r?\n\r?\n/, 1);
  const fieldNamed = (name: string): string => new RegExp(`^${name}:([^\\r\\n]{0,1000})`, 'im').exec(head)?.[1] ?? '';
  const sender = address.exec(fieldNamed('from'))?.[1] ?? null;
  return { sender: oneLine(sender, 320), subject: oneLine(fieldNamed('subject'), mailBounds.subject) };
}
