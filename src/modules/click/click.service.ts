import type { Caller } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { readId } from '../../db/global-id.js';
import { plainText } from '../../db/lists/filter.js';
import { listReader } from '../../db/lists/listing.js';
import { AppError, badInput, conflict, notFound } from '../../errors.js';
import type { Click } from '../../generated/prisma/client.js';
import { type ItemOutcome, outcomesOf } from '../../lib/values/batch.js';
import { parseInput } from '../../lib/values/validation.js';
import { lockCustomer, readIdOrUuid } from '../customer/lookup/customer.lookup.js';
import { clickList } from './click.fields.js';
import {
  type ClaimClickInput,
  type ClickInput,
  type ClickKey,
  claimClickInput,
  type RecordClicksInput,
  recordClicksInput,
} from './click.input.js';
import { type RecordedClick, recordClicks } from './click.recording.js';
import { claimLocked, lockClicks } from './click.rows.js';

export interface ClaimedClick {
  click: Click;
  result: 'UPDATED' | 'UNCHANGED';
}

export function clickService(db: Database) {
  return {
    /** The workspace's clicks. @throws BAD_USER_INPUT at the argument that cannot be used. */
    list: listReader(db, clickList),

    /** The click with this id or this clickId, exactly one of which is given; null if there is none. @throws BAD_USER_INPUT */
    async get(caller: Caller, { id, clickId }: ClickKey): Promise<Click | null> {
      if ((id == null) === (clickId == null)) {
        throw badInput(['id'], 'Exactly one of id and clickId must say which click is meant.');
      }
      const { workspaceId } = caller;
      const where =
        id == null
          ? { workspaceId_clickId: { workspaceId, clickId: plainText(clickId ?? '', ['clickId']) } }
          : { workspaceId_id: { workspaceId, id: readId('Click', id, ['id']) } };
      return db.prisma.click.findUnique({ where });
    },

    /** Records one click. @throws InvalidInput, NOT_FOUND, CONFLICT if the ids of the customer contradict each other. */
    async record(caller: Caller, input: ClickInput): Promise<RecordedClick> {
      const [recorded] = await recordClicks(db, caller, [input], { policy: 'ALL_OR_NOTHING', pathOf: () => [] });
      if (!recorded || recorded instanceof AppError) throw recorded ?? new Error('Nothing was recorded.');
      return recorded;
    },

    /** Records up to `maxBatch` clicks. @throws InvalidInput, and with ALL_OR_NOTHING the errors of the items. */
    async recordMany(caller: Caller, input: RecordClicksInput): Promise<ItemOutcome<RecordedClick>[]> {
      const { clicks: items, errorPolicy } = parseInput(recordClicksInput, input);
      const pathOf = (index: number) => ['clicks', index];
      return outcomesOf(await recordClicks(db, caller, items, { policy: errorPolicy, pathOf }));
    },

    /** Assigns a click without a customer to a customer. @throws NOT_FOUND, CONFLICT if it has another customer. */
    claim(caller: Caller, input: ClaimClickInput): Promise<ClaimedClick> {
      const { clickId, customerId: given } = parseInput(claimClickInput, input);
      const { workspaceId } = caller;
      return db.transaction(async (tx) => {
        const customer = await lockCustomer(tx, caller, readIdOrUuid(given, ['customerId']), {
          path: ['customerId'],
        });
        const [click] = await lockClicks(tx, workspaceId, [clickId]);
        if (!click) throw notFound('Click', ['clickId']);
        if (click.customerId === customer.id) return { click, result: 'UNCHANGED' };
        if (click.customerId !== null) {
          const message = `The click belongs to another customer: ${click.customerId}.`;
          throw conflict(['clickId'], message, click.customerId);
        }
        return { click: await claimLocked(tx, caller, click, customer.id), result: 'UPDATED' };
      });
    },
  };
}
