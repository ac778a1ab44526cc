import type { Dialect } from '../dialect.js';
import type { Route } from '../route.js';
import { analyticsRoutes } from './analytics.js';
import { attributionRoutes } from './attribution.js';
import { conversionRoutes } from './conversions.js';
import { customerRoutes } from './customers.js';
import { errorBody, httpErrorOf } from './errors.js';
import { journeyRoutes } from './journey.js';
import { linkRoutes } from './links.js';

const under = (prefix: string, routes: readonly Route[]): Dialect => ({
  name: 'linquid',
  prefix,
  routes,
  keyHeader: 'X-API-Key',
  hasRateHeaders: true,
  httpErrorOf,
  errorBody,
});

const customers = (prefix: string, suffix: string): Dialect => {
  const mount = { prefix, suffix };
  const parts = [customerRoutes, analyticsRoutes, journeyRoutes, attributionRoutes];
  return under(
    prefix,
    parts.flatMap((routesAt) => routesAt(mount)),
  );
};

const below = (prefix: string, routes: readonly Route[]): Dialect =>
  under(
    prefix,
    routes.filter(({ path }) => path === prefix || path.startsWith(`${prefix}/`)),
  );

/** Linquid: its Customers API, which exists at two paths, its Links and its Conversions. */
export const linquid: readonly Dialect[] = [
  customers('/customers', ''),
  customers('/api/customers', 'UnderApi'),
  below('/api/links', linkRoutes),
  below('/api/conversions', conversionRoutes),
  below('/conversions', conversionRoutes),
];
