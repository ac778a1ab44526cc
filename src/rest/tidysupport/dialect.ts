import type { Dialect } from '../dialect.js';
import { analyticsRoutes } from './analytics.js';
import { contactRoutes } from './contacts.js';
import { conversationRoutes } from './conversations.js';
import { customerRoutes } from './customers.js';
import { errorBody, httpErrorOf } from './errors.js';
import { messageRoutes } from './messages.js';
import { searchRoute } from './search.js';
import { webhookRoutes } from './webhooks/webhooks.js';

/** TidySupport: its Customers, Contacts, Conversations, Messages, Webhooks and Analytics APIs. */
export const tidysupport: Dialect = {
  name: 'tidysupport',
  prefix: '/v1',
  routes: [
    ...customerRoutes,
    ...contactRoutes,
    searchRoute,
    ...conversationRoutes,
    ...messageRoutes,
    ...webhookRoutes,
    ...analyticsRoutes,
  ],
  httpErrorOf,
  errorBody,
};
