import { defineRecord } from '../../db/record.js';
import { importedTime } from '../../db/writing/imported.js';
import type { Conversion, Customer } from '../../generated/prisma/client.js';
import { shownMoney } from '../../lib/values/money.js';
import { name } from '../../lib/values/validation.js';
import { conversionInput } from './conversion.input.js';

/** A conversion as webhooks tell of one. */
export type ShownConversion = Conversion & {
  /** The currency of the workspace. */
  baseCurrency: string;
  /** Null once the customer was deleted. */
  customer: Customer | null;
};

const { shape } = conversionInput;

/** No export holds conversions; an import takes purchases. */
export const conversionRecord = defineRecord<Conversion, Conversion, ShownConversion>('Conversion')
  .fields({
    customerId: { entity: ({ customer }) => customer?.id ?? null },
    customerExternalId: { of: [], rule: name(255), entity: false },
    clickId: {},
    refundOfId: {},
    class: {},
    status: {},
    name: {},
    orderId: { rule: name(255) },
    amount: { of: [], entity: ({ amountMinor, currency }) => shownMoney(amountMinor, currency) },
    amountMinor: { rule: shape.amountMinor, entity: false },
    currency: { rule: shape.currency, entity: false },
    baseAmount: {
      of: 'baseAmountMinor',
      entity: ({ baseAmountMinor, baseCurrency }) => shownMoney(baseAmountMinor, baseCurrency),
    },
    exchangeRate: { of: 'rate', rule: shape.exchangeRate },
    items: { rule: shape.items },
    isImported: { of: 'imported' },
    version: {},
    occurredAt: { rule: importedTime },
    createdAt: {},
    updatedAt: {},
  })
  .omitting({});
