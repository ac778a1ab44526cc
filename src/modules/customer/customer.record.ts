import { z } from 'zod';
import { holds, requireScope, type Scope } from '../../auth/scopes.js';
import { defineRecord } from '../../db/record.js';
import { importedHistory, importedId, importedTime } from '../../db/writing/imported.js';
import { type Customer, CustomerSource } from '../../generated/prisma/client.js';
import { shownMoney } from '../../lib/values/money.js';
import { importedEmail, notNull } from '../../lib/values/validation.js';
import { customerFields, otherEmails } from './customer.input.js';

/** A customer as webhooks send it. */
export type ShownCustomer = Customer & {
  /** The currency of the workspace. */
  currency: string;
  /** The ids of the customers that were merged into this one. */
  mergedIds: readonly string[];
};

const { shape } = customerFields;

export const customerRecord = defineRecord<Customer, Customer, ShownCustomer>('Customer')
  .fields({
    id: { rule: importedId('Customer').nullish(), entity: false },
    uuid: {
      rule: z
        .guid('Must be a UUID.')
        .transform((value) => value.toLowerCase())
        .nullish(),
    },
    externalId: { rule: shape.externalId },
    email: { rule: importedEmail.nullish() },
    otherEmails: { rule: notNull(otherEmails(importedEmail)) },
    name: { rule: shape.name },
    phone: { rule: shape.phone },
    /** An import accepts the field, so that exports can be imported, but ignores the value and derives it again. */
    phoneE164: { rule: z.string().nullish() },
    avatarUrl: { rule: shape.avatarUrl },
    status: { rule: shape.status },
    sentiment: { rule: shape.sentiment },
    notes: { rule: shape.notes },
    tags: { rule: shape.tags },
    metadata: { rule: shape.metadata },
    source: { rule: z.enum(CustomerSource).nullish() },
    archivedAt: { rule: importedTime.nullish() },
    /** The customer that this one was merged into, which must come earlier in the file. */
    mergedIntoId: { rule: importedId('Customer').nullish(), entity: false },
    ...importedHistory,
    conversationCount: { file: false },
    lastMessageAt: { file: false },
    lastMessagePreview: { file: false },
    ltv: { of: 'ltvMinor', file: false, entity: ({ ltvMinor, currency }) => shownMoney(ltvMinor, currency) },
    salesCount: { file: false },
    firstSaleAt: { file: false },
    mergedIds: { of: [], file: false, entity: ({ mergedIds }) => mergedIds },
  })
  .omitting({
    deletedAt: 'Who was deleted is in no file and shown to nobody.',
    wasIdentified: 'It says something of deleted customers alone.',
    acquiredAt: 'It follows from the clicks and the purchases.',
  });

/** The columns of a customer that contain data of other types, with the scope that each needs beside customers:read. */
export const foreignColumns = { lastMessagePreview: 'conversations:read' } as const satisfies Partial<
  Record<keyof Customer, Scope>
>;

/** The customer, with null in the columns that a key with these scopes may not see. */
export const shownTo = (held: ReadonlySet<string>, customer: Customer): Customer => ({
  ...customer,
  lastMessagePreview: holds(held, foreignColumns.lastMessagePreview) ? customer.lastMessagePreview : null,
});

/** @throws FORBIDDEN if a key with these scopes does not see all columns of a customer. */
export function requireToSeeAll(held: ReadonlySet<string>): void {
  for (const scope of Object.values(foreignColumns)) requireScope(held, scope);
}
