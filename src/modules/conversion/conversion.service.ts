import type { Caller } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { listReader } from '../../db/lists/listing.js';
import { conversions } from '../../db/reading/tables.js';
import { Overtaken } from '../../db/writing/import-batch.js';
import { insertRows } from '../../db/writing/insert.js';
import { rerunWhenOvertaken } from '../../db/writing/rerun.js';
import { AppError, badInput, conflict, notFound } from '../../errors.js';
import type { Conversion } from '../../generated/prisma/client.js';
import { type ItemOutcome, outcomesOf } from '../../lib/values/batch.js';
import { divideRounded } from '../../lib/values/money.js';
import { parseInput } from '../../lib/values/validation.js';
import { requireVersion } from '../../lib/values/version.js';
import { counts, LedgerChanges, settleCustomers, worthOf } from '../customer/customer.ledger.js';
import { lockNamed } from '../customer/lookup/customer.lookup.js';
import { recordEvents } from '../events/event.service.js';
import { conversionList } from './conversion.fields.js';
import {
  type ConversionInput,
  type ConversionKey,
  conversionKey,
  type RecordConversionsInput,
  type RefundConversionInput,
  recordConversionsInput,
  refundConversionInput,
  type SetConversionStatusInput,
  setConversionStatusInput,
} from './conversion.input.js';
import { eventDataOf, type RecordedConversion, recordConversions } from './conversion.recording.js';

export interface ConversionChange {
  conversion: Conversion;
  result: 'UPDATED' | 'UNCHANGED';
}

export interface RefundedConversion {
  /** The new row, with a negative amount. */
  refund: Conversion;
  conversion: Conversion;
}

export function conversionService(db: Database) {
  return {
    /** The workspace's conversions. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, conversionList),

    /** The conversion with this id, or with this orderId in its class; null if there is none. @throws BAD_USER_INPUT */
    get(caller: Caller, key: ConversionKey): Promise<Conversion | null> {
      return db.prisma.conversion.findUnique({ where: uniqueBy(caller, parseInput(conversionKey, key)) });
    },

    /** Records one conversion. @throws InvalidInput, NOT_FOUND, CONFLICT for the ids of the customer or the order. */
    async record(caller: Caller, input: ConversionInput): Promise<RecordedConversion> {
      const options = { policy: 'ALL_OR_NOTHING' as const, pathOf: () => [] };
      const [recorded] = await recordConversions(db, caller, [input], options);
      if (!recorded || recorded instanceof AppError) throw recorded ?? new Error('Nothing was recorded.');
      return recorded;
    },

    /** Records up to `maxBatch` conversions. @throws InvalidInput, and with ALL_OR_NOTHING the errors of the items. */
    async recordMany(caller: Caller, input: RecordConversionsInput): Promise<ItemOutcome<RecordedConversion>[]> {
      const { conversions: items, errorPolicy } = parseInput(recordConversionsInput, input);
      const pathOf = (index: number) => ['conversions', index];
      return outcomesOf(await recordConversions(db, caller, items, { policy: errorPolicy, pathOf }));
    },

    /**
     * Sets the status of a conversion and of its refunds, so that refunds of a conversion that does not count do not count either.
     * @throws InvalidInput, NOT_FOUND, BAD_USER_INPUT for a refund, CONFLICT for the version.
     */
    setStatus(caller: Caller, input: SetConversionStatusInput): Promise<ConversionChange> {
      const { status, ifVersion, ...key } = parseInput(setConversionStatusInput, input);
      const { workspaceId } = caller;
      return rerunWhenOvertaken(db, ['id'], async (tx) => {
        const { conversion, refunds } = await lock(tx, caller, key, ifVersion);
        if (conversion.status === status) return { conversion, result: 'UNCHANGED' };
        const changes = new LedgerChanges();
        for (const row of [conversion, ...refunds]) {
          changes.add(row.customerId, worthOf({ ...row, status }), worthOf(row));
        }
        const rows = await tx.$queryRaw<Conversion[]>(sql`UPDATE "Conversion" AS r
          SET "status" = ${status}::"ConversionStatus", "version" = r."version" + 1, "updatedAt" = now()
          WHERE r."workspaceId" = ${workspaceId} AND (r."id" = ${conversion.id} OR r."refundOfId" = ${conversion.id})
          RETURNING ${conversions.project().select('r')}`);
        const updated = rows.find(({ id }) => id === conversion.id) ?? conversion;
        await settleCustomers(tx, workspaceId, changes);
        const data = { before: { status: conversion.status }, after: { status } };
        await recordEvents(tx, caller, [{ type: 'conversion.status_changed', entityId: conversion.id, data }]);
        return { conversion: updated, result: 'UPDATED' };
      });
    },

    /**
     * Refunds a sale, or the rest of it: inserts a row with a negative amount, at the exchange rate of the sale.
     * @throws InvalidInput, NOT_FOUND, BAD_USER_INPUT for a conversion that is no sale or an amount above the rest, CONFLICT
     * for a sale that does not count, and for the version.
     */
    refund(caller: Caller, input: RefundConversionInput): Promise<RefundedConversion> {
      const { amountMinor, occurredAt, ifVersion, ...key } = parseInput(refundConversionInput, input);
      const { workspaceId } = caller;
      return rerunWhenOvertaken(db, ['id'], async (tx) => {
        const { conversion, refunds } = await lock(tx, caller, key, ifVersion);
        if (conversion.class !== 'SALE') throw badInput(['id'], 'Only a sale can be refunded.');
        if (!counts(conversion))
          throw conflict(['id'], `The sale is ${conversion.status}; there is nothing to refund.`);
        const refunded = -refunds.reduce((sum, row) => sum + row.amountMinor, 0n);
        const left = conversion.amountMinor - refunded;
        const amount = amountMinor ?? left;
        if (amount > left || left === 0n)
          throw badInput(['amountMinor'], `Only ${left} ${conversion.currency} are left.`);
        const now = new Date();
        if (occurredAt && occurredAt < conversion.occurredAt) {
          throw badInput(['occurredAt'], 'A refund comes after its sale.');
        }
        const refund: Conversion = {
          ...conversion,
          id: newId('Conversion'),
          orderId: null,
          amountMinor: -amount,
          items: null,
          baseAmountMinor: -baseShare(conversion, refunds, refunded + amount),
          refundOfId: conversion.id,
          imported: false,
          metadata: {},
          pixelId: null,
          payoutMinor: null,
          version: 1,
          occurredAt: occurredAt ?? now,
          createdAt: now,
          updatedAt: null,
        };
        await insertRows(tx, 'Conversion', [refund]);
        // The version counts refunds too, so that a caller who has not seen this refund gets a CONFLICT.
        const [sale = conversion] = await tx.$queryRaw<Conversion[]>(sql`UPDATE "Conversion" AS r
          SET "version" = r."version" + 1, "updatedAt" = ${now}
          WHERE r."workspaceId" = ${workspaceId} AND r."id" = ${conversion.id}
          RETURNING ${conversions.project().select('r')}`);
        const changes = new LedgerChanges();
        changes.add(conversion.customerId, worthOf(refund));
        await settleCustomers(tx, workspaceId, changes);
        const data = { after: eventDataOf(refund) };
        await recordEvents(tx, caller, [{ type: 'conversion.refunded', entityId: conversion.id, data }]);
        return { refund, conversion: sale };
      });
    },
  };
}

/** The refund in the workspace's currency, rounded so that a sale refunded in parts adds up to exactly zero. */
function baseShare(sale: Conversion, refunds: readonly Conversion[], refundedInAll: bigint): bigint {
  const before = -refunds.reduce((sum, row) => sum + row.baseAmountMinor, 0n);
  return divideRounded(sale.baseAmountMinor * refundedInAll, sale.amountMinor) - before;
}

type ParsedKey = {
  id?: string | null | undefined;
  orderId?: string | null | undefined;
  class?: Conversion['class'] | null | undefined;
};

const uniqueBy = ({ workspaceId }: Caller, { id, orderId, class: kind }: ParsedKey) =>
  id == null
    ? { workspaceId_class_orderId: { workspaceId, class: kind ?? 'SALE', orderId: orderId ?? '' } }
    : { workspaceId_id: { workspaceId, id: readId('Conversion', id, ['id']) } };

/**
 * A conversion and its refunds, locked after their customer.
 * @throws NOT_FOUND, BAD_USER_INPUT for a refund, CONFLICT for the version, Overtaken if its customer was merged meanwhile.
 */
async function lock(
  tx: Transaction,
  caller: Caller,
  key: ParsedKey,
  ifVersion: number | null | undefined,
): Promise<{ conversion: Conversion; refunds: Conversion[] }> {
  const { workspaceId } = caller;
  const all = conversions.project().select('r');
  const path = key.id == null ? ['orderId'] : ['id'];
  const found = await tx.conversion.findUnique({ where: uniqueBy(caller, key) });
  if (!found) throw notFound('Conversion', path);
  if (found.refundOfId !== null) throw badInput(path, `This is a refund, of ${found.refundOfId}.`);
  const [named] = await lockNamed(tx, caller, [sql`named."id" = ${found.customerId}`]);
  const rows = await tx.$queryRaw<Conversion[]>(sql`SELECT ${all} FROM "Conversion" AS r
    WHERE r."workspaceId" = ${workspaceId} AND (r."id" = ${found.id} OR r."refundOfId" = ${found.id})
    ORDER BY r."id" FOR UPDATE`);
  const conversion = rows.find(({ id }) => id === found.id);
  if (!conversion) throw notFound('Conversion', path);
  if (conversion.customerId !== named?.customer.id) throw new Overtaken();
  requireVersion('conversion', conversion, ifVersion);
  return { conversion, refunds: rows.filter((row) => row !== conversion) };
}
