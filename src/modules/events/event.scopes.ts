import type { Scope } from '../../auth/scopes.js';
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
export function scopeToRead(type: string): Scope | null {
  const subject = subjectOf(type);
  return subject in scopes ? scopes[subject as EventSubject] : 'audit:read';
}
