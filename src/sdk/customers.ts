import { one, type Paged, pagesOf } from './paths.js';
import type { RequestOptions, Transport, WriteOptions } from './transport.js';

export type CustomerStatus = 'ACTIVE' | 'SUSPENDED';

/** Key-value data attached to a customer. */
export type Metadata = Record<string, unknown>;

/** A customer, as TidySupport's Customers document has it. */
export interface Customer {
  /** Begins with "ctc_". */
  id: string;
  /** Begins with "wrk_". */
  workspaceId: string;
  /** Your own id for this customer. */
  externalId: string;
  email: string | null;
  name: string | null;
  status: CustomerStatus;
  metadata: Metadata;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601; null before the first change. */
  updatedAt: string | null;
}

export interface CreateCustomerInput {
  /** Your own id for this customer, unique in the workspace. */
  externalId: string;
  email?: string | null;
  name?: string | null;
  /** ACTIVE when left out. */
  status?: CustomerStatus;
  metadata?: Metadata;
}

/** What is left out stays as it is. */
export interface UpdateCustomerInput extends Partial<CreateCustomerInput> {
  /** Merged at the top level; null removes a key. */
  metadata?: Metadata;
}

export interface ListCustomersOptions extends RequestOptions {
  /** Only these; all when left out. */
  status?: CustomerStatus;
  /** How many are fetched at once, 1 to 100; 20 when left out. */
  limit?: number;
}

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
  /** All customers, the newest first; the next page is fetched when it is come to. */
  list(options?: ListCustomersOptions): AsyncIterable<Customer, void>;
}

const root = '/v1/customers';

export function customersOf(send: Transport): Customers {
  return {
    create: (input, options) => send({ ...options, method: 'POST', path: root, body: input }) as Promise<Customer>,

    get: async (id, options) => (await send({ ...options, method: 'GET', path: one(root, id, 'id') })) as Customer,

    getByExternalId: async (externalId, options) => {
      const path = `${root}/lookup?${new URLSearchParams({ externalId })}`;
      return (await send({ ...options, method: 'GET', path })) as Customer;
    },

    update: async (id, input, options) =>
      (await send({ ...options, method: 'PUT', path: one(root, id, 'id'), body: input })) as Customer,

    delete: async (id, options) => {
      await send({ ...options, method: 'DELETE', path: one(root, id, 'id') });
    },

    list: ({ status, limit, ...options } = {}) =>
      pagesOf(send, { ...options, path: root }, { status, limit }, (answer) => answer as Paged<Customer>),
  };
}
