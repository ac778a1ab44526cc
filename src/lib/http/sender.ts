import type { IncomingMessage } from 'node:http';
import { type AddressSet, clientAddress } from './addresses.js';

/** From where a request comes, as far as keys are bound to places and wrong ones are counted. */
export interface Sender {
  /** The address of the client, also behind a trusted proxy; absent within the process. */
  address?: string | undefined;
  /** The origin of the page that sent it, as browsers say it; absent for other programs. */
  origin?: string | undefined;
}

/** The key that a request bears as `Authorization: Bearer KEY`. */
export const bearerToken = (authorization: string | null | undefined): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];

export type SenderOf = (request: IncomingMessage) => Sender;

/** `trustedProxies` name the client in X-Forwarded-For. */
export const senderBehind =
  (trustedProxies: AddressSet): SenderOf =>
  (request) => ({ address: clientAddress(request, trustedProxies) || undefined, origin: request.headers.origin });
