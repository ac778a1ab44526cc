import type { Caller } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { newId } from '../../db/ids.js';
import { Overtaken } from '../../db/writing/import-batch.js';
import { insertRows } from '../../db/writing/insert.js';
import { rerunWhenOvertaken } from '../../db/writing/rerun.js';
import { type AppError, notFound } from '../../errors.js';
import type { Click } from '../../generated/prisma/client.js';
import { attemptEach, type BatchOptions, requireAll, usableOf } from '../../lib/values/batch.js';
import { parseInput } from '../../lib/values/validation.js';
import { LedgerChanges, noChange, settleCustomers } from '../customer/customer.ledger.js';
import { openStitching, type StitchKey, stitchKeyOf } from '../customer/lookup/customer.stitching.js';
import { type NewEvent, recordEvents } from '../events/event.service.js';
import { clickInput, sourceOf } from './click.input.js';
import { assignClicks, haveSameOwners, lockClicks, readClicks } from './click.rows.js';

export interface RecordedClick {
  click: Click;
  /** DUPLICATE: there was already a click with this clickId, which is returned. */
  result: 'RECORDED' | 'DUPLICATE';
}

/** A click in its stored form. */
interface Item {
  key: StitchKey;
  isNamed: boolean;
  row: Omit<Click, 'workspaceId' | 'customerId' | 'createdAt'>;
}

/**
 * Records clicks in their order and in one transaction, with a number of statements that does not depend on how many
 * there are. If there is already a click with the same clickId, no other is recorded; if that one has no customer and the
 * new one names one, it is assigned to this customer.
 */
export function recordClicks(
  db: Database,
  caller: Caller,
  inputs: readonly unknown[],
  options: BatchOptions,
): Promise<(RecordedClick | AppError)[]> {
  const items = attemptEach(inputs, options.pathOf, itemOf);
  return rerunWhenOvertaken(db, ['clickId'], (tx) => write(tx, caller, items, options));
}

function itemOf(input: unknown): Item {
  const { customerId, externalId, email, linkId, campaignId, ...fields } = parseInput(clickInput, input);
  const id = newId('Click');
  const { clickId = null, utmSource, utmMedium, utmCampaign, referrer, url, country, occurredAt } = fields;
  return {
    key: stitchKeyOf({ customerId, externalId, email }),
    isNamed: customerId != null || externalId != null || email != null,
    row: {
      id,
      clickId: clickId ?? id,
      linkId: linkId == null ? null : readId('Link', linkId, ['linkId']),
      campaignId: campaignId == null ? null : readId('Campaign', campaignId, ['campaignId']),
      utmSource: utmSource ?? null,
      utmMedium: utmMedium ?? null,
      utmCampaign: utmCampaign ?? null,
      referrer: referrer ?? null,
      url: url ?? null,
      country: country ?? null,
      source: sourceOf(utmSource, referrer),
      occurredAt: occurredAt ?? new Date(),
    },
  };
}

async function write(
  tx: Transaction,
  caller: Caller,
  items: readonly (Item | AppError)[],
  { policy, pathOf }: BatchOptions,
): Promise<(RecordedClick | AppError)[]> {
  const { workspaceId } = caller;
  const usable = usableOf(items);
  const events: NewEvent[] = [];
  const clickIds = usable.map(({ row }) => row.clickId);
  const before = await readClicks(tx, workspaceId, clickIds);
  const owners = before.flatMap(({ customerId }) => customerId ?? []);
  const keys = usable.map(({ key }) => key);
  const stitching = await openStitching(tx, caller, keys, owners, events);
  const stored = await lockClicks(tx, workspaceId, clickIds);
  if (!haveSameOwners(before, stored)) throw new Overtaken();
  const known = new Map(stored.map((click) => [click.clickId, click]));
  const targets = await targetsOf(tx, workspaceId, usable);

  const created: Click[] = [];
  const given = new Map<string, string>();
  const changes = new LedgerChanges();
  const claim = (click: Click, customerId: string): void => {
    click.customerId = customerId;
    changes.add(customerId, noChange);
  };
  const record = ({ key, isNamed, row }: Item): RecordedClick => {
    const existing = known.get(row.clickId);
    if (existing) {
      if (!isNamed || existing.customerId !== null) return { click: existing, result: 'DUPLICATE' };
      claim(existing, stitching.meant(key, null, {}).customer.id);
      if (!created.includes(existing)) given.set(existing.id, existing.customerId ?? '');
      events.push({
        type: 'click.claimed',
        entityId: existing.id,
        data: { after: { customerId: existing.customerId } },
      });
      return { click: existing, result: 'DUPLICATE' };
    }
    const ofLink = targets.campaignOf(row.linkId);
    const campaignId = row.campaignId ?? ofLink;
    if (row.campaignId !== null && !targets.campaigns.has(row.campaignId)) throw notFound('Campaign', ['campaignId']);
    const click: Click = { ...row, campaignId, workspaceId, customerId: null, createdAt: new Date() };
    if (isNamed) claim(click, stitching.meant(key, null, {}).customer.id);
    known.set(click.clickId, click);
    created.push(click);
    const { clickId, linkId, source, customerId } = click;
    const after = { clickId, linkId, campaignId, customerId, source, occurredAt: click.occurredAt.toISOString() };
    events.push({ type: 'click.recorded', entityId: click.id, data: { after } });
    return { click, result: 'RECORDED' };
  };

  const outcomes = attemptEach(items, pathOf, record);
  requireAll(outcomes, policy);
  await stitching.write();
  if ((await insertRows(tx, 'Click', created)) < created.length) throw new Overtaken();
  await assignClicks(tx, workspaceId, given);
  await settleCustomers(tx, workspaceId, changes);
  await recordEvents(tx, caller, events);
  return outcomes;
}

/** The links and campaigns of clicks, without deleted links. */
async function targetsOf(tx: Transaction, workspaceId: string, items: readonly Item[]) {
  const linkIds = [...new Set(items.flatMap(({ row }) => row.linkId ?? []))];
  const campaignIds = [...new Set(items.flatMap(({ row }) => row.campaignId ?? []))];
  // Locked until the transaction ends, so that none of them is deleted in between.
  const links = linkIds.length === 0 ? [] : await lockedLinks(tx, workspaceId, linkIds);
  const campaigns =
    campaignIds.length === 0
      ? []
      : await tx.$queryRaw<{ id: string }[]>(sql`SELECT r."id" FROM "Campaign" AS r
          WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${campaignIds}::text[])`);
  const campaignByLink = new Map(links.map(({ id, campaignId }) => [id, campaignId]));
  return {
    campaigns: new Set(campaigns.map(({ id }) => id)),
    /** The campaign of the link; null for no link. @throws NOT_FOUND */
    campaignOf(linkId: string | null): string | null {
      if (linkId === null) return null;
      const campaignId = campaignByLink.get(linkId);
      if (campaignId === undefined) throw notFound('Link', ['linkId']);
      return campaignId;
    },
  };
}

const lockedLinks = (tx: Transaction, workspaceId: string, ids: readonly string[]) =>
  tx.$queryRaw<{ id: string; campaignId: string | null }[]>(sql`SELECT r."id", r."campaignId" FROM "Link" AS r
    WHERE r."workspaceId" = ${workspaceId} AND r."id" = ANY(${ids}::text[]) AND r."deletedAt" IS NULL
    ORDER BY r."id" FOR SHARE`);
