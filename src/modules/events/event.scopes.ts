import type { Scope } from '../../auth/scopes.js';
import { AppError } from '../../errors.js';
import type { EventSubject } from './event.service.js';

const scopes: Record<EventSubject, Scope | null> = {
  agent: null,
  api_key: 'audit:read',
  campaign: 'links:read',
  channel: null,
  click: 'links:read',
  conversation: 'conversations:read',
  conversion: 'analytics:read',
  customer: 'customers:read',
  link: 'links:read',
  message: 'conversations:read',
  webhook_endpoint: 'audit:read',
  workspace: 'audit:read',
};

/** "customer" of "customer.created". */
export const subjectOf = (type: string): string => type.split('.', 1)[0] ?? '';

/** What a key must hold to be told of changes of a type; null: any key. */
function scopeToRead(type: string): Scope | null {
  const subject = subjectOf(type);
  return subject in scopes ? scopes[subject as EventSubject] : 'audit:read';
}

/**
 * Whether these scopes show events of a type. Every way by which events leave asks this when they leave: subscriptions,
 * webhooks and the audit log.
 */
export function mayRead(held: ReadonlySet<string>, type: string): boolean {
  const scope = scopeToRead(type);
  return scope === null || held.has(scope);
}

/** @throws FORBIDDEN that names a scope without which events of one of these types are not shown. */
export function requireToRead(held: ReadonlySet<string>, types: readonly string[]): void {
  const hidden = types.find((type) => !mayRead(held, type));
  const requiredScope = hidden === undefined ? null : scopeToRead(hidden);
  if (requiredScope === null) return;
  throw new AppError('FORBIDDEN', `This key lacks the scope ${requiredScope}.`, { requiredScope });
}
