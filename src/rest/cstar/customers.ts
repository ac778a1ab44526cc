import { z } from 'zod';
import {
  CstarCreateCustomerDocument,
  CstarCustomerDocument,
  type CstarCustomerFragment,
  CstarCustomersDocument,
  CstarDeleteCustomerDocument,
  CstarUpdateCustomerDocument,
  type CustomerStatus,
  type Sentiment,
} from '../../generated/documents/graphql.js';
import { email, list, name, notes, text } from '../../lib/values/validation.js';
import { HttpError } from '../http-error.js';
import { integer, keyed, oneOf } from '../input.js';
import { offsetOf, pageNumber } from '../paging.js';
import { defineRoute, none, type Route } from '../route.js';
import { time, timeSchema } from '../time.js';
import { answer, answerSpec, common, customerIdInPath, pageAnswer, pageSpec, team, teamPath } from './common.js';
import { refusals, wordsOf } from './errors.js';

/**
 * The Customers API of cStar. Its teams are workspaces, its tickets are conversations, its customFields are metadata.
 */

const { done } = wordsOf('customerId');
const ofCustomers = { ...common, tag: 'cStar Customers' };

const statuses = { active: 'ACTIVE', inactive: 'SUSPENDED' } as const satisfies Record<string, CustomerStatus>;
const status = oneOf('status', ['active', 'inactive']);
export const statusIn = { ACTIVE: 'active', SUSPENDED: 'inactive' } as const satisfies Record<CustomerStatus, string>;

const sentiments = {
  happy: 'HAPPY',
  neutral: 'NEUTRAL',
  frustrated: 'FRUSTRATED',
  angry: 'ANGRY',
} as const satisfies Record<string, Sentiment>;
const sentiment = oneOf('sentiment', ['happy', 'neutral', 'frustrated', 'angry']);

const customerSchema = z
  .strictObject({
    id: z.uuid(),
    object: z.literal('customer'),
    name: z.string().nullable(),
    email: z.string().nullable(),
    status,
    sentiment,
    tags: z.array(z.string()),
    ticketCount: z.int().min(0).describe('The number of tickets of the customer.'),
    notes: z.string().nullable(),
    customFields: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()).describe('The same as customFields.'),
    createdAt: timeSchema,
    updatedAt: timeSchema.describe('When a field was last changed; without a change, when the customer was created.'),
  })
  .meta({ id: 'CstarCustomer' });

export const customerOf = ({ uuid, createdAt, updatedAt, ...customer }: CstarCustomerFragment) => ({
  id: uuid,
  object: 'customer' as const,
  name: customer.name ?? null,
  email: customer.email ?? null,
  status: statusIn[customer.status],
  sentiment: customer.sentiment.toLowerCase(),
  tags: customer.tags,
  ticketCount: customer.conversationCount,
  notes: customer.notes ?? null,
  customFields: customer.metadata,
  metadata: customer.metadata,
  createdAt: time(createdAt),
  updatedAt: time(updatedAt ?? createdAt),
});

const one = z.object({ ...team, customerId: customerIdInPath });

const path = `${teamPath}/customers`;
const notFound = { 404: { message: 'Customer not found.', param: 'customerId' } };
const invalidStatus = { 400: { message: 'Invalid status. Must be one of: active, inactive.', param: 'status' } };

const jane = {
  id: '550e8400-e29b-41d4-a716-446655440000',
  object: 'customer',
  name: 'Jane Doe',
  email: 'jane@example.com',
  status: 'active',
  sentiment: 'happy',
  tags: ['vip', 'enterprise'],
  ticketCount: 5,
  notes: 'Enterprise customer since 2024',
  customFields: { company: 'Acme Corp', plan: 'enterprise' },
  metadata: { company: 'Acme Corp', plan: 'enterprise' },
  createdAt: '2025-01-15T10:00:00Z',
  updatedAt: '2025-12-14T10:30:00Z',
};
const john = {
  name: 'John Smith',
  email: 'john@example.com',
  status: 'active',
  tags: ['trial'],
  notes: 'Signed up via referral',
  customFields: { company: 'Smith Industries', referrer: 'Jane Doe' },
};

const answerOne = (description: string, example: object, status = 200) =>
  answerSpec(description, customerSchema, example, status);

/** The writable fields. Tags replace the existing ones. */
const fields = {
  name: name(255).describe('The display name.'),
  email: email.describe('The address, unique in the team regardless of case.'),
  status: status.optional(),
  sentiment: sentiment.optional(),
  tags: list(name(64), 50, 'Must have at most 50 entries.')
    .optional()
    .describe('The complete list of tags, which replaces the stored one.'),
  notes: notes.nullish().describe('Internal notes; null removes them.'),
  customFields: keyed.optional().describe('Merged at the top level; null removes a key.'),
  metadata: keyed.optional().describe('The same as customFields. If both have a key, customFields takes precedence.'),
};

/** A client may send a response back as a change, so name and address may both be missing. */
const changes = z
  .object({
    ...fields,
    name: fields.name.nullable().describe('The display name; null removes it.'),
    email: fields.email.nullable().describe('The address, unique in the team regardless of case; null removes it.'),
  })
  .partial();

const inputOf = ({ status, sentiment, customFields, metadata, ...others }: z.output<typeof changes>) => ({
  ...others,
  status: status && statuses[status],
  sentiment: sentiment && sentiments[sentiment],
  metadata: (customFields || metadata) && { ...metadata, ...customFields },
});

export const customerRoutes: readonly Route[] = [
  defineRoute({
    ...ofCustomers,
    method: 'GET',
    path,
    id: 'cstarListCustomers',
    summary: 'Lists the customers of the team, the newest first.',
    pathParameters: z.object(team),
    queryParameters: z.object({
      page: pageNumber,
      pageSize: integer('pageSize', 1, 100, 20).describe('The maximum number of customers on a page.'),
      status: status.optional(),
      sentiment: sentiment.optional(),
      search: text(1_000)
        .optional()
        .describe(
          'A part of the name or of the e-mail address, their words in any spelling, or the phone number in any spelling. An empty text is ignored.',
        ),
      tag: text(64).optional().describe('Only customers with exactly this tag.'),
    }),
    responses: [pageSpec('A page of customers.', customerSchema, jane, 156), ...refusals(invalidStatus)],
    document: CstarCustomersDocument,
    variables: ({ query: { page, pageSize, status, sentiment, search, tag } }) => ({
      first: pageSize,
      offset: offsetOf(page, pageSize),
      filter: {
        status: status && { eq: statuses[status] },
        sentiment: sentiment && { eq: sentiments[sentiment] },
        tags: tag === undefined ? undefined : { hasAll: [tag] },
        ...(search?.trim() && { or: [{ nameOrEmail: search.trim() }, { phone: { eq: search.trim() } }] }),
      },
    }),
    reply: ({ customers: { nodes, totalCount } }, _session, { query }) =>
      pageAnswer(nodes.map(customerOf), { ...query, total: totalCount }),
  }),

  defineRoute({
    ...ofCustomers,
    method: 'POST',
    path,
    id: 'cstarCreateCustomer',
    summary: 'Creates a customer.',
    pathParameters: z.object(team),
    queryParameters: none,
    body: z.object(fields),
    bodyExample: john,
    responses: [
      answerOne(
        'The customer.',
        {
          ...jane,
          ...john,
          sentiment: 'neutral',
          metadata: john.customFields,
          ticketCount: 0,
          updatedAt: jane.createdAt,
        },
        201,
      ),
      ...refusals({ 400: { message: 'email is required.', param: 'email', isMissing: true } }, true),
    ],
    document: CstarCreateCustomerDocument,
    variables: ({ body }) => ({ input: inputOf(body) }),
    reply: ({ createCustomer }) => answer(customerOf(done(createCustomer, 'customer')), 201),
  }),

  defineRoute({
    ...ofCustomers,
    method: 'GET',
    path: `${path}/{customerId}`,
    id: 'cstarGetCustomer',
    summary: 'Retrieves a customer.',
    pathParameters: one,
    queryParameters: none,
    responses: [answerOne('The customer.', jane), ...refusals(notFound)],
    document: CstarCustomerDocument,
    variables: ({ path: { customerId } }) => ({ id: customerId }),
    reply({ customer }) {
      if (!customer) throw new HttpError(404, notFound[404].message, {}, { param: 'customerId' });
      return answer(customerOf(customer));
    },
  }),

  defineRoute({
    ...ofCustomers,
    method: 'PATCH',
    path: `${path}/{customerId}`,
    id: 'cstarUpdateCustomer',
    summary: 'Updates the given fields of a customer.',
    pathParameters: one,
    queryParameters: none,
    body: changes,
    bodyExample: { sentiment: 'happy', tags: ['vip', 'enterprise'], customFields: { plan: 'enterprise' } },
    responses: [answerOne('The customer as it is now.', jane), ...refusals({ ...notFound, ...invalidStatus }, true)],
    document: CstarUpdateCustomerDocument,
    variables: ({ path: { customerId }, body }) => ({ input: { id: customerId, ...inputOf(body) } }),
    reply: ({ updateCustomer }) => answer(customerOf(done(updateCustomer, 'customer'))),
  }),

  defineRoute({
    ...ofCustomers,
    method: 'DELETE',
    path: `${path}/{customerId}`,
    id: 'cstarDeleteCustomer',
    summary: 'Permanently deletes a customer with all associated tickets.',
    pathParameters: one,
    queryParameters: none,
    responses: [
      answerSpec('Deleted.', z.strictObject({ id: z.uuid(), deleted: z.literal(true) }), {
        id: jane.id,
        deleted: true,
      }),
      ...refusals(notFound),
    ],
    document: CstarDeleteCustomerDocument,
    variables: ({ path: { customerId } }) => ({ input: { id: customerId, mode: 'PURGE' as const } }),
    reply: ({ deleteCustomer }) => answer({ id: done(deleteCustomer, 'deletedUuid'), deleted: true }),
  }),
];
