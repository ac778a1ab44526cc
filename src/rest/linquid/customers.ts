import { z } from 'zod';
import {
  LinquidCustomerDocument,
  type LinquidCustomerFragment,
  LinquidCustomersCountDocument,
  LinquidCustomersDocument,
  LinquidDeleteCustomerDocument,
  LinquidUpdateCustomerDocument,
  LinquidUpsertCustomerDocument,
} from '../../generated/documents/graphql.js';
import { email, name, text, webUrl } from '../../lib/values/validation.js';
import { keyed, nameOrNone, oneOf } from '../input.js';
import { offsetOf } from '../paging.js';
import { defineRoute, none, type Route } from '../route.js';
import {
  answer,
  answerSpec,
  common,
  found,
  type Mount,
  missing,
  moneySchema,
  needs,
  one,
  pageAnswer,
  pageParameters,
  pageSpec,
  timeSchema,
  usd,
} from './common.js';
import { done, refusals } from './errors.js';

/** The customers of revenue tracking. Contacts without an externalId do not exist here. */

const customerSchema = z
  .strictObject({
    id: z.string(),
    externalId: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    phone: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    ltv: moneySchema.describe('Lifetime value: sales minus refunds, in the currency of the workspace.'),
    salesCount: z.int().describe('The number of sales in the lifetime value.'),
    firstSaleAt: timeSchema.nullable(),
    createdAt: timeSchema,
    updatedAt: timeSchema.nullable(),
  })
  .meta({ id: 'LinquidCustomer' });

const customerOf = ({ databaseId, externalId, metadata, ltv, salesCount, ...customer }: LinquidCustomerFragment) => ({
  id: databaseId,
  externalId,
  email: customer.email ?? null,
  name: customer.name ?? null,
  phone: customer.phone ?? null,
  avatarUrl: customer.avatarUrl ?? null,
  metadata,
  ltv,
  salesCount,
  firstSaleAt: customer.firstSaleAt ?? null,
  createdAt: customer.createdAt,
  updatedAt: customer.updatedAt ?? null,
});

const jane = {
  id: 'ctc_B7OSYsnTUVwBPOGrgYTjvSGS',
  externalId: 'usr_01J8X3Y',
  email: 'jane@example.com',
  name: 'Jane Doe',
  phone: null,
  avatarUrl: null,
  metadata: { plan: 'pro' },
  ltv: usd(12_900),
  salesCount: 2,
  firstSaleAt: '2026-03-14T09:30:00.000Z',
  createdAt: '2026-03-13T10:00:00.000Z',
  updatedAt: null,
};

const identity = {
  email: email.nullish(),
  name: nameOrNone(255),
  phone: nameOrNone(64),
  avatarUrl: webUrl.nullish(),
  metadata: keyed.optional().describe('Merged at the top level; null removes a key.'),
};

const externalId = name(255).describe('Your own id for this customer, unique in the workspace.');
const clickId = name(255).nullish().describe('The clickId of a click of the customer, for attribution.');

const directions = { asc: 'ASC', desc: 'DESC' } as const;

export const customerRoutes = ({ prefix, suffix }: Mount): readonly Route[] => [
  defineRoute({
    ...common,
    method: 'GET',
    path: prefix,
    id: `listTrackedCustomers${suffix}`,
    summary: 'Lists customers, the newest first.',
    ...needs('links:read'),
    pathParameters: none,
    queryParameters: z.object({
      ...pageParameters('customers'),
      sortOrder: oneOf('sortOrder', ['asc', 'desc'])
        .default('desc')
        .describe('The order by time of creation; desc: the newest first.'),
      search: text(1_000)
        .optional()
        .describe('Parts of name, e-mail address, externalId or phone, separated by blanks; each must match.'),
    }),
    responses: [
      pageSpec('A page of customers.', customerSchema, jane),
      ...refusals({ 400: { message: 'limit must be an integer from 1 to 100.' } }),
    ],
    document: LinquidCustomersDocument,
    variables: ({ query: { page, limit, sortOrder, search } }) => ({
      first: limit,
      offset: offsetOf(page, limit),
      filter: { identity: search?.trim() || undefined },
      direction: directions[sortOrder],
    }),
    reply: ({ trackedCustomers: { nodes, totalCount } }, _session, { query: { page, limit } }) =>
      pageAnswer(nodes.map(customerOf), { page, limit, total: totalCount }),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/count`,
    id: `countTrackedCustomers${suffix}`,
    summary: 'Counts the customers of the workspace.',
    ...needs('links:read', 'analytics:read'),
    pathParameters: none,
    queryParameters: none,
    responses: [
      answerSpec('The number of customers.', z.strictObject({ count: z.int() }), { count: 42 }),
      ...refusals({}),
    ],
    document: LinquidCustomersCountDocument,
    variables: () => ({}),
    reply: ({ trackedCustomersCount: count }) => answer({ count }),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/{id}`,
    id: `getTrackedCustomer${suffix}`,
    summary: 'Fetches one customer.',
    ...needs('links:read'),
    pathParameters: one,
    queryParameters: none,
    responses: [answerSpec('The customer.', customerSchema, jane), ...refusals(missing)],
    document: LinquidCustomerDocument,
    variables: ({ path }) => path.id,
    reply: ({ trackedCustomer }) => answer(customerOf(found(trackedCustomer))),
  }),

  defineRoute({
    ...common,
    method: 'POST',
    path: prefix,
    id: `upsertTrackedCustomer${suffix}`,
    summary: 'Creates a customer, or updates the existing one with the externalId.',
    ...needs('links:create'),
    pathParameters: none,
    queryParameters: none,
    body: z.object({ externalId, ...identity, clickId }),
    bodyExample: { externalId: 'usr_01J8X3Y', email: 'jane@example.com', name: 'Jane Doe', clickId: 'k_8f3a' },
    responses: [
      answerSpec('The existing customer after the update.', customerSchema, jane),
      answerSpec('The new customer.', customerSchema, jane, 201),
      ...refusals(
        {
          400: { message: 'externalId is required.' },
          409: { message: 'Another customer has this email: ctc_B7OSYsnTUVwBPOGrgYTjvSGS.', code: 'CONFLICT' },
        },
        true,
      ),
    ],
    shows: ['links:read'],
    document: LinquidUpsertCustomerDocument,
    variables: ({ body }) => ({ input: body }),
    reply: ({ upsertTrackedCustomer: payload }) =>
      answer(customerOf(done(payload, 'customer')), payload.result === 'CREATED' ? 201 : 200),
  }),

  defineRoute({
    ...common,
    method: 'PATCH',
    path: `${prefix}/{id}`,
    id: `updateTrackedCustomer${suffix}`,
    summary: 'Updates the given fields of a customer.',
    ...needs('links:update'),
    pathParameters: one,
    queryParameters: none,
    body: z.object({ externalId: externalId.optional(), ...identity }),
    bodyExample: { name: 'Jane Doe' },
    responses: [
      answerSpec('The customer as it is now.', customerSchema, jane),
      ...refusals(
        {
          ...missing,
          400: { message: 'Invalid email address format.' },
          409: {
            message: 'Another customer has this externalId: ctc_B7OSYsnTUVwBPOGrgYTjvSGS.',
            code: 'CONFLICT',
            param: 'externalId',
          },
        },
        true,
      ),
    ],
    shows: ['links:read'],
    document: LinquidUpdateCustomerDocument,
    variables: ({ path, body }) => ({ input: { ...body, which: path.id } }),
    reply: ({ updateTrackedCustomer }) => answer(customerOf(done(updateTrackedCustomer, 'customer'))),
  }),

  defineRoute({
    ...common,
    method: 'DELETE',
    path: `${prefix}/{id}`,
    id: `deleteTrackedCustomer${suffix}`,
    summary: 'Removes the personal data of a customer; conversions and events remain.',
    ...needs('links:delete'),
    pathParameters: one,
    queryParameters: none,
    responses: [
      answerSpec('Deleted.', z.strictObject({ id: z.string(), deleted: z.literal(true) }), {
        id: jane.id,
        deleted: true,
      }),
      ...refusals(missing),
    ],
    document: LinquidDeleteCustomerDocument,
    variables: ({ path }) => ({ input: { which: path.id } }),
    reply: ({ deleteTrackedCustomer }) => answer({ id: done(deleteTrackedCustomer, 'deletedId'), deleted: true }),
  }),
];
