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

interface CustomerPage {
  items: Customer[];
  cursor: string | null;
  hasMore: boolean;
}

const root = '/v1/customers';

export function customersOf(send: Transport): Customers {
  const one = (id: string): string => {
    // These would be another path.
    if (/^\.{0,2}$/.test(id)) throw new TypeError('id must be the id of a customer.');
    return `${root}/${encodeURIComponent(id)}`;
  };

  return {
    create: (input, options) => send({ ...options, method: 'POST', path: root, body: input }) as Promise<Customer>,

    get: async (id, options) => (await send({ ...options, method: 'GET', path: one(id) })) as Customer,

    getByExternalId: async (externalId, options) => {
      const path = `${root}/lookup?${new URLSearchParams({ externalId })}`;
      return (await send({ ...options, method: 'GET', path })) as Customer;
    },

    update: async (id, input, options) =>
      (await send({ ...options, method: 'PUT', path: one(id), body: input })) as Customer,

    delete: async (id, options) => {
      await send({ ...options, method: 'DELETE', path: one(id) });
    },

    async *list({ status, limit, ...options } = {}) {
      const query = new URLSearchParams({
        ...(status && { status }),
        ...(limit !== undefined && { limit: `${limit}` }),
      });
      for (;;) {
        const path = `${root}?${query}`;
        const { items, cursor, hasMore } = (await send({ ...options, method: 'GET', path })) as CustomerPage;
        yield* items;
        if (!hasMore || cursor === null) return;
        query.set('cursor', cursor);
      }
    },
  };
}
