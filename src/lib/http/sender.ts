import type { IncomingMessage } from 'node:http';
import { type AddressSet, clientAddress } from './addresses.js';

/** The origin of a request, for keys that are restricted to places, and for counting wrong keys. */
export interface Sender {
  /** The address of the client, also behind a trusted proxy; absent for calls within the process. */
  address?: string | undefined;
  /** The Origin header of a browser; absent for other programs. */
  origin?: string | undefined;
}

/** The key in the header `Authorization: Bearer KEY`. */
export const bearerToken = (authorization: string | null | undefined): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];

export type SenderOf = (request: IncomingMessage) => Sender;

/** `trustedProxies` name the client in X-Forwarded-For. */
export const senderBehind =
  (trustedProxies: AddressSet): SenderOf =>
  (request) => ({ address: clientAddress(request, trustedProxies) || undefined, origin: request.headers.origin });
