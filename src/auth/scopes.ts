import { AppError } from '../errors.js';

/**
 * The scopes that a key can have, each with what it allows. A key that is created without a list of scopes has all of
 * them.
 */
export const scopes = {
  'customers:read': 'Read customers and contacts.',
  'customers:write': 'Create and change customers and contacts.',
  'conversations:read': 'Read conversations and their messages.',
  'conversations:write': 'Start and change conversations, add messages and notes.',
  'analytics:read': 'Read conversions, cohorts, lifetime value, journeys and attribution.',
  'links:read': 'Read campaigns, links and clicks, and customers as revenue tracking sees them.',
  'links:create':
    'Create campaigns and links, record clicks and conversions, create and change tracked customers by externalId.',
  'links:update':
    'Change campaigns, links and tracked customers, refund conversions and set their status, recalculate lifetime value.',
  'links:delete': 'Delete links, scrub tracked customers.',
  'workspace:write': 'Create and change agents and channels.',
  'audit:read': 'Read who changed what, and when.',
  'webhooks:read': 'Read webhook endpoints and what became of their deliveries.',
  'webhooks:write': 'Create and change webhook endpoints, and have deliveries sent again.',
  'apiKeys:read': 'Read the API keys of the workspace, without the keys themselves.',
  'apiKeys:write': 'Create, change, rotate and revoke API keys that can do nothing beyond this one.',
  'sessions:create': 'Create short-lived tokens that stand for an agent.',
} as const;

export type Scope = keyof typeof scopes;

export const allScopes = Object.keys(scopes) as Scope[];

export const isScope = (value: string): value is Scope => Object.hasOwn(scopes, value);

/**
 * Whether a key with these scopes has the needed one; null needs none. No scope implies another: a key that may write
 * something may not read it unless it also has the scope for reading.
 */
export const holds = (held: ReadonlySet<string>, scope: Scope | null): boolean => scope === null || held.has(scope);

/** @throws FORBIDDEN that names the missing scope. Of several alternatives, one is enough, and the first is named. */
export function requireScope(held: ReadonlySet<string>, scope: Scope, ...others: readonly Scope[]): void {
  if (holds(held, scope) || others.some((other) => holds(held, other))) return;
  const words = [scope, ...others].join(' or ');
  throw new AppError('FORBIDDEN', `This key lacks the scope ${words}.`, { requiredScope: scope });
}
