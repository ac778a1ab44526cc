import type {
  CreateCustomerAnswer,
  GetCustomerAnswer,
  ListCustomersAnswer,
  LookupCustomerAnswer,
  UpdateCustomerAnswer,
} from './generated/answers.js';
import type { CreateCustomerBody, ListCustomersQuery, UpdateCustomerBody } from './generated/requests.js';
import type { Customer } from './generated/things.js';
import { one, pagesOf, withQuery } from './paths.js';
import type { RequestOptions, Transport, WriteOptions } from './transport.js';

export type CustomerStatus = Customer['status'];

/** Key-value data attached to a customer. */
export type Metadata = Customer['metadata'];

export type CreateCustomerInput = CreateCustomerBody;

/** The fields to change. Fields that are left out stay unchanged. */
export type UpdateCustomerInput = UpdateCustomerBody;

/** `limit` is the page size. */
export interface ListCustomersOptions extends RequestOptions, Omit<ListCustomersQuery, 'cursor'> {}

export interface Customers {
  /** @throws ConflictError when another customer has the externalId or the e-mail address */
  create(input: CreateCustomerInput, options?: WriteOptions): Promise<Customer>;
  /** @throws NotFoundError */
  get(id: string, options?: RequestOptions): Promise<Customer>;
  /** The customer with your own id. @throws NotFoundError */
  getByExternalId(externalId: string, options?: RequestOptions): Promise<Customer>;
  /** Changes the given fields. @throws NotFoundError, ConflictError */
  update(id: string, input: UpdateCustomerInput, options?: WriteOptions): Promise<Customer>;
  /** Deletes the customer and everything about them for good. @throws NotFoundError */
  delete(id: string, options?: WriteOptions): Promise<void>;
  /** All customers, the newest first. Pages are fetched during iteration. */
  list(options?: ListCustomersOptions): AsyncIterable<Customer, void>;
}

const root = '/v1/customers';

export function customersOf(send: Transport): Customers {
  return {
    create: (input, options) => send<CreateCustomerAnswer>({ ...options, method: 'POST', path: root, body: input }),

    get: async (id, options) => send<GetCustomerAnswer>({ ...options, method: 'GET', path: one(root, id, 'id') }),

    getByExternalId: (externalId, options) =>
      send<LookupCustomerAnswer>({ ...options, method: 'GET', path: withQuery(`${root}/lookup`, { externalId }) }),

    update: async (id, input, options) =>
      send<UpdateCustomerAnswer>({ ...options, method: 'PUT', path: one(root, id, 'id'), body: input }),

    delete: async (id, options) => {
      await send<undefined>({ ...options, method: 'DELETE', path: one(root, id, 'id') });
    },

    list: ({ status, limit, ...options } = {}) =>
      pagesOf(send, { ...options, path: root }, { status, limit }, (answer: ListCustomersAnswer) => answer),
  };
}
