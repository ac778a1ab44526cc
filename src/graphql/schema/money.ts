import type { Context } from '../../context.js';
import { builder } from './builder.js';

export interface MoneyShape {
  amountMinor: bigint;
  currency: string;
}

export const Money = builder.objectRef<MoneyShape>('Money').implement({
  description: 'An amount of money.',
  fields: (t) => ({
    amountMinor: t.expose('amountMinor', {
      type: 'BigInt',
      description: 'In minor units, such as cents; negative for refunds.',
    }),
    currency: t.exposeString('currency', { description: 'The ISO 4217 code.' }),
  }),
});

/** An amount in minor units of the workspace's currency. */
export const inBaseCurrency = async ({ loaders }: Context, amountMinor: bigint): Promise<MoneyShape> => ({
  amountMinor,
  currency: (await loaders.workspaces.own()).currency,
});
