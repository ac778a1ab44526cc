import { type Database, sql, type Transaction } from '../../../db/database.js';
import { enqueue, jobKind } from '../../../db/queue/jobs.js';
import { type Workers, workers } from '../../../db/queue/queue.js';
import { phoneNumberOf } from '../../../lib/values/phone.js';

/** The E.164 form of a phone number; null if the number is invalid, or if no country is known for it. */
export type PhoneForms = (phone: string | null) => string | null;

const formsIn =
  (country: string | null): PhoneForms =>
  (phone) =>
    phone === null ? null : (phoneNumberOf(phone, country)?.e164 ?? null);

const withoutCountry = formsIn(null);

/**
 * Takes one statement, or none when all numbers name their country. It locks the country of the workspace until the
 * transaction ends, because a change of the country derives again only what was committed before it.
 */
export async function readPhoneForms(
  tx: Transaction,
  workspaceId: string,
  phones: readonly (string | null)[],
): Promise<PhoneForms> {
  if (phones.every((phone) => phone === null || withoutCountry(phone) !== null)) return withoutCountry;
  const [workspace] = await tx.$queryRaw<{ defaultCountry: string | null }[]>(
    sql`SELECT w."defaultCountry" FROM "Workspace" AS w WHERE w."id" = ${workspaceId} FOR SHARE`,
  );
  return formsIn(workspace?.defaultCountry ?? null);
}

/** The derived columns that change with the columns of a write. */
export async function derivedFrom(
  { phone }: { phone?: string | null },
  tx: Transaction,
  workspaceId: string,
): Promise<{ phoneE164?: string | null }> {
  if (phone === undefined) return {};
  const formOf = await readPhoneForms(tx, workspaceId, [phone]);
  return { phoneE164: formOf(phone) };
}

interface PhonesJob {
  workspaceId: string;
}

const phonesJob = jobKind<PhonesJob>('customer.phones');

/** Derives the phone numbers of a workspace again, once the change of its country is committed. */
export const enqueuePhones = (tx: Transaction, workspaceId: string): Promise<void> =>
  enqueue(tx, phonesJob, [{ payload: { workspaceId } }]);

export const phoneWorkers = (db: Database): Workers =>
  workers(phonesJob, 1, async ({ workspaceId }, { signal }) => {
    let after: string | undefined = '';
    while (after !== undefined) {
      signal.throwIfAborted();
      after = await deriveAgain(db, workspaceId, after);
    }
  });

const batchSize = 500;

/** Derives the numbers of the next customers by id. Returns the last id, or undefined after the last customer. */
function deriveAgain(db: Database, workspaceId: string, after: string): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ id: string; phone: string; phoneE164: string | null }[]>(sql`
      SELECT r."id", r."phone", r."phoneE164" FROM "Customer" AS r
      WHERE r."workspaceId" = ${workspaceId} AND r."id" > ${after} AND r."phone" IS NOT NULL
      ORDER BY r."id" LIMIT ${batchSize} FOR NO KEY UPDATE`);
    const phones = rows.map(({ phone }) => phone);
    const formOf = await readPhoneForms(tx, workspaceId, phones);
    const changed = rows
      .map(({ id, phone, phoneE164 }) => ({ id, phoneE164: formOf(phone), former: phoneE164 }))
      .filter(({ phoneE164, former }) => phoneE164 !== former);
    if (changed.length > 0) {
      await tx.$executeRaw(sql`UPDATE "Customer" AS r SET "phoneE164" = v."phoneE164"
        FROM json_to_recordset(${JSON.stringify(changed)}::json) AS v("id" text, "phoneE164" text)
        WHERE r."workspaceId" = ${workspaceId} AND r."id" = v."id"`);
    }
    return rows.at(-1)?.id;
  });
}
