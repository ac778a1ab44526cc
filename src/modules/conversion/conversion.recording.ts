import type { Caller } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { conversions } from '../../db/reading/tables.js';
import { Overtaken } from '../../db/writing/import-batch.js';
import { insertRows } from '../../db/writing/insert.js';
import { rerunWhenOvertaken } from '../../db/writing/rerun.js';
import { type AppError, badInput, conflict, notFound } from '../../errors.js';
import type { Conversion, Prisma, Workspace } from '../../generated/prisma/client.js';
import { attemptEach, type BatchOptions, requireAll, usableOf } from '../../lib/values/batch.js';
import { convert } from '../../lib/values/money.js';
import { parseInput } from '../../lib/values/validation.js';
import { assignClicks, haveSameOwners, lockClicks, readClicks } from '../click/click.rows.js';
import type { CustomerRecord } from '../customer/bulk/customer.bulk.plan.js';
import { LedgerChanges, settleCustomers, worthOf } from '../customer/customer.ledger.js';
import { openStitching, type StitchKey, stitchKeyOf } from '../customer/lookup/customer.stitching.js';
import { type NewEvent, recordEvents } from '../events/event.service.js';
import { conversionInput, maxAmountMinor, type ParsedConversion } from './conversion.input.js';

export interface RecordedConversion {
  conversion: Conversion;
  /** DUPLICATE: there was already a conversion of this class with this orderId and the same amount, which is returned. */
  result: 'RECORDED' | 'DUPLICATE';
}

/** A conversion to record, and the keys of its customer. */
export interface ConversionItem {
  key: StitchKey;
  fields: ParsedConversion;
}

/** What distinguishes imported conversions from those that callers record. */
export interface Origin {
  imported: boolean;
  /** The fields of customers who are created for them. */
  customer: CustomerRecord;
}

const recordedByCaller: Origin = { imported: false, customer: {} };

/**
 * Records conversions in their order and in one transaction, with a number of statements that does not depend on how
 * many there are, and updates the lifetime value of their customers in it.
 */
export async function recordConversions(
  db: Database,
  caller: Caller,
  inputs: readonly unknown[],
  options: BatchOptions,
): Promise<(RecordedConversion | AppError)[]> {
  const items = attemptEach(inputs, options.pathOf, (input) => conversionItem(parseInput(conversionInput, input)));
  return rerunWhenOvertaken(db, ['orderId'], async (tx) => {
    const outcomes = await writeConversions(tx, caller, items, options, recordedByCaller);
    return outcomes.map((outcome) => ('recorded' in outcome ? outcome.recorded : outcome));
  });
}

export const conversionItem = (fields: ParsedConversion): ConversionItem => ({ key: stitchKeyOf(fields), fields });

/** A conversion that was recorded, and whether its customer was created for it. */
export interface WrittenConversion {
  recorded: RecordedConversion;
  customerCreated: boolean;
}

/** Writes a batch within a transaction. @throws Overtaken if the transaction must be rolled back and run again. */
export async function writeConversions(
  tx: Transaction,
  caller: Caller,
  items: readonly (ConversionItem | AppError)[],
  { policy, pathOf }: BatchOptions,
  origin: Origin,
): Promise<(WrittenConversion | AppError)[]> {
  const { workspaceId } = caller;
  const usable = usableOf(items);
  const events: NewEvent[] = [];
  const clickIds = usable.flatMap(({ fields }) => fields.clickId ?? []);
  const before = await readClicks(tx, workspaceId, clickIds);
  const owners = before.flatMap(({ customerId }) => customerId ?? []);
  const keys = usable.map(({ key }) => key);
  const stitching = await openStitching(tx, caller, keys, owners, events);
  const clicks = await lockClicks(tx, workspaceId, clickIds);
  if (!haveSameOwners(before, clicks)) throw new Overtaken();
  const clickByClickId = new Map(clicks.map((click) => [click.clickId, click]));
  const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { currency: true } });
  // After the locks, so that orders which other transactions have just recorded for these customers are seen.
  const known = await readOrders(tx, workspaceId, usable);

  const created: Conversion[] = [];
  const claimed = new Map<string, string>();
  const changes = new LedgerChanges();
  const record = ({ key, fields }: ConversionItem): WrittenConversion => {
    const money = moneyOf(fields, workspace);
    const orderId = fields.orderId ?? null;
    const existing = orderId === null ? undefined : known.get(orderOf(fields.class, orderId));
    if (existing) {
      requireSame(existing, money);
      return { recorded: { conversion: existing, result: 'DUPLICATE' }, customerCreated: false };
    }
    const click = fields.clickId == null ? null : clickByClickId.get(fields.clickId);
    if (click === undefined) throw notFound('Click', ['clickId']);
    const { customer, isCreated } = stitching.meant(key, click?.customerId ?? null, origin.customer);
    if (click && click.customerId === null) {
      click.customerId = customer.id;
      claimed.set(click.id, customer.id);
      events.push({ type: 'click.claimed', entityId: click.id, data: { after: { customerId: customer.id } } });
    }
    const now = new Date();
    const conversion: Conversion = {
      workspaceId,
      id: newId('Conversion'),
      customerId: customer.id,
      class: fields.class,
      status: fields.status ?? 'APPROVED',
      name: fields.name ?? null,
      orderId,
      ...money,
      items: fields.items ?? null,
      clickId: click?.id ?? null,
      refundOfId: null,
      imported: origin.imported,
      metadata: fields.metadata ?? {},
      pixelId: fields.pixelId ?? null,
      payoutMinor: fields.payoutMinor ?? null,
      version: 1,
      occurredAt: fields.occurredAt ?? now,
      createdAt: now,
      updatedAt: null,
    };
    if (orderId !== null) known.set(orderOf(fields.class, orderId), conversion);
    created.push(conversion);
    changes.add(customer.id, worthOf(conversion));
    events.push({ type: 'conversion.recorded', entityId: conversion.id, data: { after: eventDataOf(conversion) } });
    return { recorded: { conversion, result: 'RECORDED' }, customerCreated: isCreated };
  };

  const outcomes = attemptEach(items, pathOf, record);
  requireAll(outcomes, policy);
  await stitching.write();
  if ((await insertRows(tx, 'Conversion', created)) < created.length) throw new Overtaken();
  await assignClicks(tx, workspaceId, claimed);
  await settleCustomers(tx, workspaceId, changes);
  await recordEvents(tx, caller, events);
  return outcomes;
}

const orderOf = (kind: Conversion['class'], orderId: string): string => `${kind} ${orderId}`;

/** The existing conversions of the orders of the items. */
async function readOrders(
  tx: Transaction,
  workspaceId: string,
  items: readonly ConversionItem[],
): Promise<Map<string, Conversion>> {
  const orderIds = items.flatMap(({ fields }) => fields.orderId ?? []);
  if (orderIds.length === 0) return new Map();
  const rows = await tx.$queryRaw<Conversion[]>(sql`SELECT ${conversions.project().select('r')} FROM "Conversion" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."class" = ANY(enum_range(NULL::"ConversionClass"))
      AND r."orderId" = ANY(${orderIds}::text[])`);
  return new Map(rows.map((row) => [orderOf(row.class, row.orderId ?? ''), row]));
}

type Money = Pick<Conversion, 'amountMinor' | 'currency' | 'rate' | 'baseAmountMinor'>;

/** The amount in both currencies. @throws BAD_USER_INPUT for a missing or superfluous rate, or an amount that is too large. */
function moneyOf(fields: ParsedConversion, workspace: Pick<Workspace, 'currency'>): Money {
  const { amountMinor = null, exchangeRate } = fields;
  const currency = fields.currency ?? workspace.currency;
  const isBase = currency === workspace.currency;
  if (isBase && exchangeRate != null) {
    throw badInput(['exchangeRate'], `${currency} is the currency of the workspace; leave the rate out.`);
  }
  if (!isBase && exchangeRate == null) {
    throw badInput(['exchangeRate'], `Must say what 1 ${currency} is worth in ${workspace.currency}.`);
  }
  const rate = exchangeRate ?? '1';
  const baseAmountMinor = convert(amountMinor ?? 0n, currency, workspace.currency, rate);
  if (baseAmountMinor > maxAmountMinor) {
    throw badInput(
      ['amountMinor'],
      `Must not come to more than ${maxAmountMinor} minor units of ${workspace.currency}.`,
    );
  }
  return { amountMinor: amountMinor ?? 0n, currency, rate, baseAmountMinor };
}

/** @throws CONFLICT if the order is already recorded with another amount. */
function requireSame(stored: Conversion, { amountMinor, currency }: Money): void {
  if (stored.amountMinor === amountMinor && stored.currency === currency) return;
  const message = `The order is there with another amount: ${stored.amountMinor} ${stored.currency} (${stored.id}).`;
  throw conflict(['orderId'], message, stored.id);
}

/** The data of a conversion in events: JSON, with amounts as strings. */
export function eventDataOf(row: Conversion): Prisma.InputJsonObject {
  const { customerId, class: kind, status, name, orderId, currency, clickId, refundOfId } = row;
  return {
    customerId,
    class: kind,
    status,
    ...(name !== null && { name }),
    ...(orderId !== null && { orderId }),
    amountMinor: String(row.amountMinor),
    currency,
    baseAmountMinor: String(row.baseAmountMinor),
    ...(clickId !== null && { clickId }),
    ...(refundOfId !== null && { refundOfId }),
    ...(row.pixelId !== null && { pixelId: row.pixelId }),
    ...(row.payoutMinor !== null && { payoutMinor: String(row.payoutMinor) }),
    occurredAt: row.occurredAt.toISOString(),
  };
}
