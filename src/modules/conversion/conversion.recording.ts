import type { Caller } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { conversions } from '../../db/reading/tables.js';
import { Overtaken } from '../../db/writing/import-batch.js';
import { insertRows } from '../../db/writing/insert.js';
import { rerunWhenOvertaken } from '../../db/writing/rerun.js';
import { AppError, at, badInput, conflict, notFound } from '../../errors.js';
import type { Conversion, Prisma, Workspace } from '../../generated/prisma/client.js';
import { attemptEach, type ErrorPolicy, requireAll } from '../../lib/values/batch.js';
import { convert } from '../../lib/values/money.js';
import { parseInput } from '../../lib/values/validation.js';
import { giveClicks, haveSameOwners, lockClicks, readClicks } from '../click/click.rows.js';
import type { CustomerRecord } from '../customer/bulk/customer.bulk.plan.js';
import { LedgerChanges, settleCustomers, worthOf } from '../customer/customer.ledger.js';
import { openStitching, type StitchKey } from '../customer/lookup/customer.stitching.js';
import { type NewEvent, recordEvents } from '../events/event.service.js';
import { conversionInput, maxAmountMinor, type ParsedConversion } from './conversion.input.js';

export interface RecordedConversion {
  conversion: Conversion;
  /** DUPLICATE: a conversion of this class with this orderId was there, with the same amount. */
  result: 'RECORDED' | 'DUPLICATE';
}

export interface RecordOptions {
  policy: ErrorPolicy;
  /** Where the item stands in the input. */
  pathOf(index: number): readonly (string | number)[];
}

/** A conversion to be recorded: whom it names, and what it says. */
export interface ConversionItem {
  key: StitchKey;
  fields: ParsedConversion;
}

/** What a file says of conversions that other callers do not. */
export interface Origin {
  imported: boolean;
  /** What is known of customers who are created along with them. */
  customer: CustomerRecord;
}

const live: Origin = { imported: false, customer: {} };

/**
 * Records conversions in their order and in one transaction, with a number of statements that does not depend on how
 * many there are, and settles the lifetime value of their customers in it.
 */
export async function recordConversions(
  db: Database,
  caller: Caller,
  inputs: readonly unknown[],
  { policy, pathOf }: RecordOptions,
): Promise<(RecordedConversion | AppError)[]> {
  const items = inputs.map((input, index) => {
    try {
      return conversionItem(parseInput(conversionInput, input));
    } catch (error) {
      if (error instanceof AppError) return at(pathOf(index), error);
      throw error;
    }
  });
  return rerunWhenOvertaken(db, ['orderId'], async (tx) => {
    const outcomes = await writeConversions(tx, caller, items, { policy, pathOf }, live);
    return outcomes.map((outcome) => ('recorded' in outcome ? outcome.recorded : outcome));
  });
}

export function conversionItem(fields: ParsedConversion): ConversionItem {
  const { customerId, externalId, email } = fields;
  return {
    key: {
      customerId: customerId == null ? null : readId('Customer', customerId, ['customerId']),
      externalId: externalId ?? null,
      email: email ?? null,
    },
    fields,
  };
}

/** A conversion that was recorded, and whether its customer was created for it. */
export interface WrittenConversion {
  recorded: RecordedConversion;
  customerCreated: boolean;
}

/** Writes a batch within a transaction. @throws Overtaken when it has to be undone and run again. */
export async function writeConversions(
  tx: Transaction,
  caller: Caller,
  items: readonly (ConversionItem | AppError)[],
  { policy, pathOf }: RecordOptions,
  origin: Origin,
): Promise<(WrittenConversion | AppError)[]> {
  const { workspaceId } = caller;
  const usable = items.filter((item): item is ConversionItem => !(item instanceof AppError));
  const events: NewEvent[] = [];
  const clickIds = usable.flatMap(({ fields }) => fields.clickId ?? []);
  const before = await readClicks(tx, workspaceId, clickIds);
  const owners = before.flatMap(({ customerId }) => customerId ?? []);
  const keys = usable.map(({ key }) => key);
  const stitching = await openStitching(tx, caller, keys, owners, events);
  const clicks = await lockClicks(tx, workspaceId, clickIds);
  if (!haveSameOwners(before, clicks)) throw new Overtaken();
  const clickNamed = new Map(clicks.map((click) => [click.clickId, click]));
  const workspace = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId }, select: { currency: true } });
  // Only now, since others who record the same orders of these customers have ended.
  const known = await readOrders(tx, workspaceId, usable);

  const created: Conversion[] = [];
  const claimed = new Map<string, string>();
  const changes = new LedgerChanges();
  const record = ({ key, fields }: ConversionItem): WrittenConversion => {
    const money = moneyOf(fields, workspace);
    const orderId = fields.orderId ?? null;
    const twin = orderId === null ? undefined : known.get(orderOf(fields.class, orderId));
    if (twin) {
      requireSame(twin, money);
      return { recorded: { conversion: twin, result: 'DUPLICATE' }, customerCreated: false };
    }
    const click = fields.clickId == null ? null : clickNamed.get(fields.clickId);
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
  await giveClicks(tx, workspaceId, claimed);
  await settleCustomers(tx, workspaceId, changes);
  await recordEvents(tx, caller, events);
  return outcomes;
}

const orderOf = (kind: Conversion['class'], orderId: string): string => `${kind} ${orderId}`;

/** The conversions of the orders that the items name. */
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

/** What a conversion is worth, here and now. @throws BAD_USER_INPUT for a currency without a rate, or too much. */
function moneyOf(fields: ParsedConversion, workspace: Pick<Workspace, 'currency'>): Money {
  const { amountMinor = null, exchangeRate } = fields;
  const currency = fields.currency ?? workspace.currency;
  const isBase = currency === workspace.currency;
  if (isBase && exchangeRate != null) {
    throw badInput(['exchangeRate'], `${currency} is the currency of the workspace; leave the rate out.`);
  }
  if (!isBase && exchangeRate == null) {
    throw badInput(['exchangeRate'], `A rate must say what 1 ${currency} is worth in ${workspace.currency}.`);
  }
  const rate = exchangeRate ?? '1';
  const baseAmountMinor = convert(amountMinor ?? 0n, currency, workspace.currency, rate);
  if (baseAmountMinor > maxAmountMinor) {
    throw badInput(['amountMinor'], `Comes to more than ${maxAmountMinor} minor units of ${workspace.currency}.`);
  }
  return { amountMinor: amountMinor ?? 0n, currency, rate, baseAmountMinor };
}

/** @throws CONFLICT when the order is there with another amount: one of them must be wrong. */
function requireSame(stored: Conversion, { amountMinor, currency }: Money): void {
  if (stored.amountMinor === amountMinor && stored.currency === currency) return;
  const message = `The order is there with another amount: ${stored.amountMinor} ${stored.currency} (${stored.id}).`;
  throw conflict(['orderId'], message, stored.id);
}

/** A conversion as events tell of it: JSON, with amounts as text. */
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
    occurredAt: row.occurredAt.toISOString(),
  };
}
