import { type Customers, customersOf } from './customers.js';
import { createTransport, type InitOptions } from './transport.js';

export type {
  CreateCustomerInput,
  Customer,
  CustomerStatus,
  Customers,
  ListCustomersOptions,
  Metadata,
  UpdateCustomerInput,
} from './customers.js';
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  ServerError,
  TidySupportError,
} from './errors.js';
export type { InitOptions, RequestOptions, WriteOptions } from './transport.js';

/** The Customers API of one workspace, after the Node.js SDK of TidySupport's Customers document. */
export interface TidySupport {
  readonly customers: Customers;
}

/**
 * Opens the workspace of a secret API key. Requests that fail on the network, or with 429 or 503, are sent again under
 * one idempotency key, so that they are done once.
 * @throws TypeError when the key or an option cannot be used
 */
export function init(key: string, options?: InitOptions): TidySupport {
  return { customers: customersOf(createTransport(key, options)) };
}
