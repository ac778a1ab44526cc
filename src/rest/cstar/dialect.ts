import type { Dialect } from '../dialect.js';
import { customerRoutes } from './customers.js';
import { webhookRoutes } from './endpoints.js';
import { errorBody, httpErrorOf } from './errors.js';
import { ticketMessageRoutes } from './ticket-messages.js';
import { ticketRoutes } from './tickets.js';
import { whoAmIRoute } from './whoami.js';

/** cStar: its Customers, Tickets and Webhooks APIs. */
export const cstar: Dialect = {
  name: 'cstar',
  prefix: '/api/v1',
  routes: [...customerRoutes, ...ticketRoutes, ...ticketMessageRoutes, ...webhookRoutes, whoAmIRoute],
  hasRateHeaders: true,
  httpErrorOf,
  errorBody,
};
