import type { IncomingMessage } from 'node:http';

/** From where a request comes, as far as keys are bound to places and wrong ones are counted. */
export interface Sender {
  /** The address of the other end of the connection; absent within the process. */
  address?: string | undefined;
  /** The origin of the page that sent it, as browsers say it; absent for other programs. */
  origin?: string | undefined;
}

/** An IPv4 address that came over IPv6 is one and the same as without. */
export const senderOf = ({ socket, headers }: IncomingMessage): Sender => ({
  address: socket.remoteAddress?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, ''),
  origin: headers.origin,
});
