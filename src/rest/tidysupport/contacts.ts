import { z } from 'zod';
import {
  TidyContactDocument,
  TidyContactsDocument,
  TidyCreateContactDocument,
} from '../../generated/documents/graphql.js';
import { email } from '../../lib/values/validation.js';
import { nameOrNone } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import { time, timeOrNull, timeSchema } from '../time.js';
import {
  accessInWorkspace,
  contactIdInPath,
  found,
  inbox,
  inWorkspace,
  pageOf,
  pageParameters,
  pageSchema,
  workspaceId,
} from './common.js';
import { done, httpErrorOf, refusals } from './errors.js';
import { jane, named, nameOf } from './people.js';
import { conversationSource, conversationStatus } from './threads.js';

/** The Contacts API: the people of the inbox. An unknown address or name is an empty string. */

const common = {
  tag: 'TidySupport Contacts',
  access: accessInWorkspace,
  refuse: httpErrorOf,
  authorise: inWorkspace,
};

const status = z.enum(['ACTIVE', 'ARCHIVED']);
const contactSource = z.enum(['EMAIL', 'CHAT', 'API', 'FORM', 'IMPORT']);
const lastMessage = { lastMessageAt: timeSchema.nullable(), lastMessagePreview: z.string().nullable() };

/** The response to creating a contact. */
const contact = { ...named, phone: z.string().nullable(), status, source: contactSource, createdAt: timeSchema };
const createdSchema = z.strictObject(contact).meta({ id: 'TidySupportCreatedContact' });
const contactSchema = z
  .strictObject({ ...contact, avatarUrl: z.string().nullable(), ...lastMessage })
  .meta({ id: 'TidySupportContact' });
const listedContact = z
  .strictObject({
    contact: z.strictObject({ ...named, avatarUrl: z.string().nullable(), ...lastMessage }),
    latestThread: z
      .strictObject({
        id: z.string(),
        status: conversationStatus,
        source: conversationSource,
        lastMessageAt: timeSchema,
        lastMessagePreview: z.string(),
        unreadCount: z.int(),
      })
      .nullable(),
    threadCount: z.int(),
  })
  .meta({ id: 'TidySupportInboxCustomer' });

const hers = { lastMessageAt: '2025-03-12T14:30:00Z', lastMessagePreview: 'Hi, I need help with...' };

export const contactRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    method: 'GET',
    path: `${inbox}/customers`,
    id: 'listInboxCustomers',
    summary: 'Lists all contacts, including archived ones, with their latest conversation, the latest message first.',
    pathParameters: z.object({ workspaceId }),
    queryParameters: z.object(pageParameters),
    responses: [
      {
        status: 200,
        description: 'A page of contacts.',
        schema: z.strictObject({
          customers: pageSchema(listedContact),
        }),
        example: {
          customers: {
            items: [
              {
                contact: { ...jane, avatarUrl: null, ...hers },
                latestThread: { id: 'thd_xyz789', status: 'OPEN', source: 'EMAIL', ...hers, unreadCount: 2 },
                threadCount: 3,
              },
            ],
            cursor: null,
            hasMore: false,
          },
        },
      },
      ...refusals({ 400: 'limit must be an integer from 1 to 100.' }),
    ],
    document: TidyContactsDocument,
    variables: ({ query: { limit, cursor } }) => ({ first: limit, after: cursor }),
    reply: ({ contacts }) => ({
      status: 200,
      body: {
        customers: pageOf(
          contacts,
          ({
            conversations: {
              nodes: [latest],
            },
            conversationCount,
            ...contact
          }) => ({
            contact: {
              ...nameOf(contact),
              avatarUrl: contact.avatarUrl ?? null,
              lastMessageAt: timeOrNull(contact.lastMessageAt),
              lastMessagePreview: contact.lastMessagePreview ?? null,
            },
            latestThread: latest
              ? {
                  id: latest.databaseId,
                  status: latest.status,
                  source: latest.source,
                  lastMessageAt: time(latest.lastMessageAt),
                  lastMessagePreview: latest.lastMessagePreview,
                  unreadCount: latest.unreadCount,
                }
              : null,
            threadCount: conversationCount,
          }),
        ),
      },
    }),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: `${inbox}/contacts/{contactId}`,
    id: 'getContact',
    summary: 'Retrieves the full details of a contact. Keys without conversations:read do not get the latest message.',
    pathParameters: z.object({ workspaceId, contactId: contactIdInPath }),
    queryParameters: none,
    responses: [
      {
        status: 200,
        description: 'The contact.',
        schema: z.strictObject({ contact: contactSchema }),
        example: {
          contact: {
            ...jane,
            avatarUrl: null,
            phone: '+1-555-0123',
            status: 'ACTIVE',
            source: 'EMAIL',
            ...hers,
            createdAt: '2025-01-15T10:00:00Z',
          },
        },
      },
      ...refusals({ 404: 'Contact not found.' }),
    ],
    document: TidyContactDocument,
    variables: ({ path }, { holds }) => ({ id: path.contactId, withMessages: holds('conversations:read') }),
    reply(data) {
      const contact = found(data.contact, 'Contact');
      return {
        status: 200,
        body: {
          contact: {
            ...nameOf(contact),
            avatarUrl: contact.avatarUrl ?? null,
            phone: contact.phone ?? null,
            status: contact.status,
            source: contact.source,
            lastMessageAt: timeOrNull(contact.lastMessageAt),
            lastMessagePreview: contact.lastMessagePreview ?? null,
            createdAt: time(contact.createdAt),
          },
        },
      };
    },
  }),

  defineRoute({
    ...common,
    method: 'POST',
    path: `${inbox}/contacts`,
    id: 'createContact',
    summary: 'Creates a contact, or returns the existing contact with the e-mail address.',
    pathParameters: z.object({ workspaceId }),
    queryParameters: none,
    body: z.object({ email, name: nameOrNone(255), phone: nameOrNone(64) }),
    bodyExample: { email: 'jane@example.com', name: 'Jane Doe', phone: '+1-555-0123' },
    responses: [
      { status: 201, description: 'The new contact.', ...createdContact('API') },
      { status: 200, description: 'The existing contact with the address, unchanged.', ...createdContact('EMAIL') },
      ...refusals({ 400: 'Invalid email address format.' }, true),
    ],
    document: TidyCreateContactDocument,
    variables: ({ body }) => ({ input: body }),
    reply({ createContact }) {
      const contact = done(createContact, 'contact');
      return {
        status: createContact.result === 'CREATED' ? 201 : 200,
        body: {
          contact: {
            ...nameOf(contact),
            phone: contact.phone ?? null,
            status: contact.status,
            source: contact.source,
            createdAt: time(contact.createdAt),
          },
        },
      };
    },
  }),
];

/** The response to creating a contact. */
function createdContact(source: 'API' | 'EMAIL') {
  return {
    schema: z.strictObject({ contact: createdSchema }),
    example: {
      contact: { ...jane, phone: '+1-555-0123', status: 'ACTIVE', source, createdAt: '2025-03-13T10:00:00Z' },
    },
  };
}
