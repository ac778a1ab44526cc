import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type { Context } from '../context.js';
import { AppError } from '../errors.js';
import { analytical } from '../modules/analytics/heavy.errors.js';
import { requireEntitlement } from '../modules/workspace/entitlements.js';
import type { Scope } from '../modules/workspace/scopes.js';

type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** The schema builder. It defines no types: each module defines its own, and schema.ts imports them all. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    /** A day of the calendar, as YYYY-MM-DD. */
    LocalDate: { Input: string; Output: string };
    BigInt: { Input: bigint | number; Output: bigint };
    JSONObject: { Input: Record<string, JsonValue>; Output: unknown };
  };
  AuthScopes: {
    /** Any valid key. */
    anyKey: boolean;
    /** A key that holds this scope. */
    scope: Scope;
    /** A key that holds this scope, or one of these, of a workspace that has revenue tracking. */
    revenue: Scope | readonly [Scope, Scope];
    /** The same for the heavy reads of analytics, which name their errors themselves. */
    analytics: Scope;
  };
}>({
  plugins: [ScopeAuthPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ caller, loaders }) => {
      const revenue = async (wanted: Scope | readonly [Scope, Scope]): Promise<boolean> => {
        const [scope, ...others] = typeof wanted === 'string' ? ([wanted] as const) : wanted;
        requireScope(caller.scopes, scope, ...others);
        requireEntitlement(await loaders.workspaces.own(), 'REVENUE_TRACKING');
        return true;
      };
      return {
        anyKey: true,
        scope: (scope) => {
          requireScope(caller.scopes, scope);
          return true;
        },
        revenue,
        analytics: (scope) => analytical(() => revenue(scope)),
      };
    },
  },
});

/** The builder's type parameters with their defaults, for helpers that take refs and field builders. */
export type SchemaTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

/** @throws FORBIDDEN that names the scope, the first of several, when none of them is held. */
export function requireScope(held: ReadonlySet<Scope>, scope: Scope, ...others: readonly Scope[]): void {
  if (held.has(scope) || others.some((other) => held.has(other))) return;
  const words = [scope, ...others].join(' or ');
  throw new AppError('FORBIDDEN', `This key lacks the scope ${words}.`, { requiredScope: scope });
}

builder.queryType({ description: 'What can be read. Everything lies in the workspace of the key.' });
builder.mutationType({
  description:
    'What can be changed. Every payload holds `userErrors`: what the caller can mend; when there are any, nothing was written.',
});
builder.subscriptionType({
  description:
    'What can be followed, over server-sent events and over WebSocket. Every change bears a `seq`; a subscription that ends, or is cut off, goes on from it with nothing lost and nothing repeated.',
});
