import { holds, requireScope, type Scope } from '../../auth/scopes.js';
import type { EventSubject } from './event.service.js';

const scopes: Record<EventSubject, Scope | null> = {
  agent: null,
  api_key: 'audit:read',
  blocked_sender: 'conversations:read',
  campaign: 'links:read',
  channel: null,
  click: 'links:read',
  conversation: 'conversations:read',
  conversion: 'analytics:read',
  customer: 'customers:read',
  link: 'links:read',
  message: 'conversations:read',
  webhook_endpoint: 'webhooks:read',
  workspace: 'audit:read',
};

/** "customer" of "customer.created". */
export const subjectOf = (type: string): string => type.split('.', 1)[0] ?? '';

/** The scope that a key needs to receive changes of a type; null for any key. */
function scopeToRead(type: string): Scope | null {
  const subject = subjectOf(type);
  return subject in scopes ? scopes[subject as EventSubject] : 'audit:read';
}

/**
 * Whether these scopes allow reading events of a type. Subscriptions, webhooks and the audit log check it for each event
 * when they send it.
 */
export function mayRead(held: ReadonlySet<string>, type: string): boolean {
  return holds(held, scopeToRead(type));
}

/** @throws FORBIDDEN with a missing scope when events of one of these types cannot be read. */
export function requireToRead(held: ReadonlySet<string>, types: readonly string[]): void {
  for (const type of types) {
    const scope = scopeToRead(type);
    if (scope !== null) requireScope(held, scope);
  }
}
