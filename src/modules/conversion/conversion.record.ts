import { defineRecord } from '../../db/record.js';
import { importedId, importedTime } from '../../db/writing/imported.js';
import type { Conversion, Customer } from '../../generated/prisma/client.js';
import { shownMoney } from '../../lib/values/money.js';
import { key } from '../../lib/values/validation.js';
import { conversionInput } from './conversion.input.js';

/** A conversion with the data that webhooks need. */
export type ShownConversion = Conversion & {
  /** The currency of the workspace. */
  baseCurrency: string;
  /** Null if the customer was deleted. */
  customer: Customer | null;
};

/** A conversion with the data that files contain. The customer is null if it was deleted. */
export type FiledConversion = Omit<Conversion, 'customerId'> & {
  customerId: string | null;
  customerExternalId: string | null;
  /** The currency of the workspace. */
  baseCurrency: string;
};

const { shape } = conversionInput;

/** Exports contain every conversion; an import accepts only purchases. */
export const conversionRecord = defineRecord<Conversion, FiledConversion, ShownConversion>('Conversion')
  .fields({
    id: { entity: false },
    customerId: { rule: importedId('Customer').nullish(), entity: ({ customer }) => customer?.id ?? null },
    customerExternalId: { of: [], rule: key(255).nullish(), entity: false },
    clickId: {},
    refundOfId: {},
    class: {},
    status: {},
    name: {},
    orderId: { rule: key(255) },
    amount: { of: [], file: false, entity: ({ amountMinor, currency }) => shownMoney(amountMinor, currency) },
    amountMinor: { rule: shape.amountMinor, file: ({ amountMinor }) => Number(amountMinor), entity: false },
    currency: { rule: shape.currency, entity: false },
    baseAmountMinor: { file: ({ baseAmountMinor }) => Number(baseAmountMinor), entity: false },
    baseAmount: {
      of: [],
      file: false,
      entity: ({ baseAmountMinor, baseCurrency }) => shownMoney(baseAmountMinor, baseCurrency),
    },
    exchangeRate: {
      of: 'rate',
      rule: shape.exchangeRate,
      file: ({ rate, currency, baseCurrency }) => (currency === baseCurrency ? null : rate),
      entity: ({ rate }) => rate,
    },
    items: { rule: shape.items },
    payout: {
      of: 'payoutMinor',
      file: false,
      entity: ({ payoutMinor, currency }) => (payoutMinor === null ? null : shownMoney(payoutMinor, currency)),
    },
    payoutMinor: { rule: shape.payoutMinor, entity: false },
    pixelId: { rule: shape.pixelId },
    metadata: { rule: shape.metadata },
    isImported: { of: 'imported' },
    version: {},
    occurredAt: { rule: importedTime },
    createdAt: {},
    updatedAt: {},
  })
  .omitting({});
