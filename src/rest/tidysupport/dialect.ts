import type { Dialect } from '../dialect.js';
import { contactRoutes } from './contacts.js';
import { conversationRoutes } from './conversations.js';
import { customerRoutes } from './customers.js';
import { errorBody, httpErrorOf } from './errors.js';
import { searchRoute } from './search.js';

/** TidySupport: its Customers, Contacts and Conversations APIs. */
export const tidysupport: Dialect = {
  name: 'tidysupport',
  prefix: '/v1',
  routes: [...customerRoutes, ...contactRoutes, searchRoute, ...conversationRoutes],
  httpErrorOf,
  errorBody,
};
