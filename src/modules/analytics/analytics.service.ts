import type { Caller } from '../../auth/caller.js';
import { type Database, sql } from '../../db/database.js';
import { countRows } from '../../db/lists/counts.js';
import { conditionsOfList } from '../../db/lists/listing.js';
import { customers } from '../../db/reading/tables.js';
import type { Customer } from '../../generated/prisma/client.js';
import type { Answered } from '../../lib/process/cache-use.js';
import { parseInput } from '../../lib/values/validation.js';
import { type CustomerFilter, customerList } from '../customer/customer.fields.js';
import { lockCustomer, readIdOrUuid } from '../customer/lookup/customer.lookup.js';
import { type RecalculateCustomerLtvInput, recalculateCustomerLtvInput } from './analytics.input.js';
import type { Zoned } from './cohorts/acquisition.js';
import { type CohortsInput, type CustomerCohort, cohortsQuestion, readCohorts } from './cohorts/cohorts.service.js';
import {
  type LtvCohort,
  type LtvCohortsInput,
  ltvCohortsQuestion,
  readLtvCohorts,
} from './cohorts/ltv-cohorts.service.js';
import type { HeavyReads, Question } from './heavy.reads.js';
import { type Recalculation, recalculateAll, recalculateLocked } from './recalculation.js';
import {
  type CountryVisits,
  countConversations,
  countNewCustomers,
  countriesAsked,
  type Period,
  readCountries,
  readDays,
  type VolumeDay,
} from './volume/volume.service.js';

/** The result of a recalculation. Amounts are in minor units of the base currency. */
export interface RecalculatedLtv {
  customer: Customer;
  beforeMinor: bigint;
  afterMinor: bigint;
}

export function analyticsService(db: Database, heavyReads: HeavyReads) {
  const readOne = async <Answer>(
    workspaceId: string,
    question: Question,
    compute: () => Promise<Answer>,
  ): Promise<Answered<Answer>> => {
    const [answered] = await heavyReads.read(workspaceId, [question], async () => [await compute()]);
    return answered as Answered<Answer>;
  };

  return {
    /** Customers by when or how they were acquired. @throws InvalidInput, and as heavy reads do */
    async cohorts(workspace: Zoned, input: CohortsInput): Promise<Answered<CustomerCohort[]>> {
      const question = cohortsQuestion(input);
      const key = ['customerCohorts', workspace.timezone, question] as const;
      return readOne(workspace.id, key, () => readCohorts(db, workspace, question));
    },

    /** The revenue of customers by month. @throws InvalidInput, and as heavy reads do */
    async ltvCohorts(workspace: Zoned, input: LtvCohortsInput): Promise<Answered<LtvCohort[]>> {
      const question = ltvCohortsQuestion(input);
      const key = ['ltvCohorts', workspace.timezone, question] as const;
      return readOne(workspace.id, key, () => readLtvCohorts(db, workspace, question));
    },

    /** How many conversations began in a period. @throws as heavy reads do */
    conversationsWithin: (workspace: Zoned, period: Period): Promise<Answered<number>> =>
      readOne(workspace.id, ['conversations', period], () => countConversations(db, workspace, period)),

    /** How many customers were created in a period. @throws as heavy reads do */
    customersWithin: (workspace: Zoned, period: Period): Promise<Answered<number>> =>
      readOne(workspace.id, ['customers', period], () => countNewCustomers(db, workspace, period)),

    /** The days of a period with what came in on each. @throws as heavy reads do */
    daysWithin: (workspace: Zoned, period: Period): Promise<Answered<VolumeDay[]>> =>
      readOne(workspace.id, ['days', workspace.timezone, period], () => readDays(db, workspace, period)),

    /** The countries that visits of a period came from. @throws InvalidInput, and as heavy reads do */
    async countriesWithin(
      workspace: Zoned,
      period: Period,
      first: number | null | undefined,
    ): Promise<Answered<CountryVisits[]>> {
      const asked = countriesAsked(first);
      const key = ['countries', period, asked] as const;
      return readOne(workspace.id, key, () => readCountries(db, workspace, period, asked));
    },

    /** The number of customers of a list with this filter. @throws BAD_USER_INPUT for an invalid filter. */
    async customersCount({ workspaceId }: Caller, filter: CustomerFilter | null | undefined): Promise<number> {
      const where = [sql`r."workspaceId" = ${workspaceId}`, ...conditionsOfList(customerList, workspaceId, filter)];
      return countRows(db, customers, where);
    },

    /** Computes the sums of a customer from the ledger again. @throws NOT_FOUND */
    recalculate(caller: Caller, input: RecalculateCustomerLtvInput): Promise<RecalculatedLtv> {
      const { id, externalId, onlyIdentified } = parseInput(recalculateCustomerLtvInput, input);
      const ref = id == null ? { externalId: externalId ?? '' } : readIdOrUuid(id, ['id']);
      return db.transaction(async (tx) => {
        const before = await lockCustomer(tx, caller, ref, {
          path: [id == null ? 'externalId' : 'id'],
          onlyIdentified,
        });
        const [after] = (await recalculateLocked(tx, caller, [before])).sums;
        const customer = { ...before, ...after };
        return { customer, beforeMinor: before.ltvMinor, afterMinor: customer.ltvMinor };
      });
    },

    /** Computes the sums of all customers and cohorts of the workspace from the ledger again. */
    recalculateAll: (caller: Caller): Promise<Recalculation> => recalculateAll(db, caller),
  };
}
