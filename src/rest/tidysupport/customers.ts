import { z } from 'zod';
import {
  TidyCreateCustomerDocument,
  TidyCustomerByExternalIdDocument,
  TidyCustomerByIdDocument,
  type TidyCustomerFragment,
  TidyCustomersDocument,
  TidyDeleteCustomerDocument,
  TidyUpdateCustomerDocument,
} from '../../generated/documents/graphql.js';
import { email, name } from '../../lib/values/validation.js';
import type { Session } from '../graph.js';
import { idInPath, keyed, nameOrNone, oneOf } from '../input.js';
import { defineRoute, none, type Reply, type Route } from '../route.js';
import { time, timeOrNull, timeSchema } from '../time.js';
import { accessBySecretKey, bySecretKey, found, pageOf, pageParameters, pageSchema } from './common.js';
import { done, httpErrorOf, refusals } from './errors.js';

/**
 * The Customers API: customers by the externalId of the caller's system. Contacts without an externalId do not exist
 * here.
 */

const common = {
  tag: 'TidySupport Customers',
  access: accessBySecretKey,
  refuse: httpErrorOf,
  authorise: bySecretKey,
};

const status = oneOf('status', ['ACTIVE', 'SUSPENDED']);

const customerSchema = z
  .strictObject({
    id: z.string().describe('Begins with "ctc_".'),
    workspaceId: z.string().describe('Begins with "wrk_".'),
    externalId: z.string().describe('Your own id for this customer.'),
    email: z.string().nullable(),
    name: z.string().nullable(),
    status,
    metadata: z.record(z.string(), z.unknown()),
    createdAt: timeSchema,
    updatedAt: timeSchema.nullable().describe('Null before the first change.'),
  })
  .meta({ id: 'TidySupportCustomer' });

const example = {
  id: 'ctc_B7OSYsnTUVwBPOGrgYTjvSGS',
  workspaceId: 'wrk_abc123',
  externalId: 'usr_01J8X3Y',
  email: 'jane@example.com',
  name: 'Jane Doe',
  status: 'ACTIVE',
  metadata: { plan: 'pro' },
  createdAt: '2026-03-13T10:00:00Z',
  updatedAt: null,
};

/** @throws HttpError 404 if the contact does not exist or has no externalId. */
function customerOf(customer: TidyCustomerFragment | null | undefined, { workspaceId }: Session) {
  const { databaseId, externalId, email, name, status, metadata, createdAt, updatedAt } = found(customer, 'Customer');
  return {
    id: databaseId,
    workspaceId,
    externalId: found(externalId, 'Customer'),
    email: email ?? null,
    name: name ?? null,
    status,
    metadata,
    createdAt: time(createdAt),
    updatedAt: timeOrNull(updatedAt),
  };
}

const answer = (description: string, status = 200) => ({ status, description, schema: customerSchema, example });
const notFound = { 404: 'Customer not found.' };

const fields = {
  externalId: name(255).describe('Your own id for this customer, unique in the workspace.'),
  email: email.nullish(),
  name: nameOrNone(255),
  status: status.optional().describe('ACTIVE for a new customer if omitted.'),
  metadata: keyed.optional().describe('Merged at the top level; null removes a key.'),
};

const one = z.object({ id: idInPath('ctc', 'Customer').describe('The id that TidySupport gave the customer.') });

export const customerRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/customers',
    id: 'createCustomer',
    summary: 'Creates a customer.',
    pathParameters: none,
    queryParameters: none,
    body: z.object(fields),
    bodyExample: {
      externalId: 'usr_01J8X3Y',
      email: 'jane@example.com',
      name: 'Jane Doe',
      metadata: { plan: 'pro' },
    },
    responses: [answer('The customer.', 201), ...refusals({ 400: 'externalId is required.' }, true)],
    document: TidyCreateCustomerDocument,
    variables: ({ body }) => ({ input: body }),
    reply: ({ createCustomer }, session) => ({
      status: 201,
      body: customerOf(done(createCustomer, 'customer'), session),
    }),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: '/v1/customers',
    id: 'listCustomers',
    summary: 'Lists the customers of the workspace, the newest first.',
    pathParameters: none,
    queryParameters: z.object({
      status: status.optional().describe('Only customers with this status; all if omitted.'),
      ...pageParameters,
    }),
    responses: [
      {
        status: 200,
        description: 'A page of customers.',
        schema: pageSchema(customerSchema),
        example: { items: [example], cursor: null, hasMore: false },
      },
      ...refusals({ 400: 'Invalid status. Must be one of: ACTIVE, SUSPENDED.' }),
    ],
    document: TidyCustomersDocument,
    variables: ({ query: { status, limit, cursor } }) => ({
      first: limit,
      after: cursor,
      filter: { externalId: { isNull: false }, status: status && { eq: status } },
    }),
    reply: ({ customers }, session) => ok(pageOf(customers, (customer) => customerOf(customer, session))),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: '/v1/customers/lookup',
    id: 'lookupCustomer',
    summary: 'Looks up a customer by your own externalId.',
    pathParameters: none,
    queryParameters: z.object({ externalId: name(255).describe('Your own id for the customer.') }),
    responses: [answer('The customer.'), ...refusals({ ...notFound, 400: 'externalId is required.' })],
    document: TidyCustomerByExternalIdDocument,
    variables: ({ query }) => query,
    reply: ({ customer }, session) => ok(customerOf(customer, session)),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: '/v1/customers/{id}',
    id: 'getCustomer',
    summary: 'Retrieves a customer by its TidySupport id.',
    pathParameters: one,
    queryParameters: none,
    responses: [answer('The customer.'), ...refusals(notFound)],
    document: TidyCustomerByIdDocument,
    variables: ({ path }) => path,
    reply: ({ customer }, session) => ok(customerOf(customer, session)),
  }),

  defineRoute({
    ...common,
    method: 'PUT',
    path: '/v1/customers/{id}',
    id: 'updateCustomer',
    summary: 'Updates the given fields of a customer.',
    pathParameters: one,
    queryParameters: none,
    body: z.object({ ...fields, externalId: fields.externalId.optional() }),
    bodyExample: { status: 'SUSPENDED' },
    responses: [
      { ...answer('The customer as it is now.'), example: { ...example, status: 'SUSPENDED' } },
      ...refusals({ ...notFound, 400: 'Invalid status. Must be one of: ACTIVE, SUSPENDED.' }, true),
    ],
    document: TidyUpdateCustomerDocument,
    variables: ({ path: { id }, body }) => ({ input: { ...body, id, onlyIdentified: true } }),
    reply: ({ updateCustomer }, session) => ok(customerOf(done(updateCustomer, 'customer'), session)),
  }),

  defineRoute({
    ...common,
    method: 'DELETE',
    path: '/v1/customers/{id}',
    id: 'deleteCustomer',
    summary: 'Permanently deletes a customer and all associated data.',
    pathParameters: one,
    queryParameters: none,
    responses: [{ status: 204, description: 'Deleted.' }, ...refusals(notFound)],
    document: TidyDeleteCustomerDocument,
    variables: ({ path: { id } }) => ({ input: { id, mode: 'PURGE' as const, onlyIdentified: true } }),
    reply({ deleteCustomer }) {
      done(deleteCustomer, 'deletedId');
      return { status: 204 };
    },
  }),
];

function ok(body: object): Reply {
  return { status: 200, body };
}
