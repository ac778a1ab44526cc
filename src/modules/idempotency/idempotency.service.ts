import { randomUUID } from 'node:crypto';
import type { Caller } from '../../auth/caller.js';
import type { Scope } from '../../auth/scopes.js';
import { type Database, sql } from '../../db/database.js';
import { AppError, badInput } from '../../errors.js';
import { inUse, openRun, type Run, readSteps, soon, tomorrow } from './idempotency.run.js';

/** The result of `begin`: the stored answer of an earlier run, or a new run. */
export type Begun = { answer: string } | { run: Run };

/** How many expired records are removed with each new one. */
const removedPerRecord = 5;

export function idempotencyService(db: Database) {
  return {
    /**
     * Takes the idempotency key for one run of the request with this fingerprint, or finds the stored answer. One statement.
     * Each API key has its own idempotency keys. An answer is returned, and a run continued, only if the API key still has
     * all scopes that it had at the time of the run.
     * @throws BAD_USER_INPUT for an invalid key, IDEMPOTENCY_KEY_REUSED if it was used for another request,
     * IDEMPOTENCY_KEY_IN_USE while another run holds it, FORBIDDEN if the API key has lost a scope since the run, NOT_FOUND
     * if the customer that the run was about was deleted since.
     */
    async begin(caller: Caller, key: string, fingerprint: string): Promise<Begun> {
      if (!isKey(key)) throw badInput(['Idempotency-Key'], 'An Idempotency-Key is 1 to 255 visible ASCII characters.');
      const { workspaceId, keyId, agentId, scopes, token } = caller;
      // A key that acts as different agents through tokens has separate idempotency keys per agent.
      const owner = token ? `${keyId}/${agentId}` : (keyId ?? 'operator');
      const id = `${owner}:${key}`;
      const holder = randomUUID();
      const held = [...scopes];
      const [found] = await db.prisma.$queryRaw<Found[]>(sql`
        WITH expired AS (
          DELETE FROM "IdempotencyRecord" WHERE "workspaceId" = ${workspaceId} AND "id" IN (
            SELECT "id" FROM "IdempotencyRecord"
            WHERE "workspaceId" = ${workspaceId} AND "expiresAt" < now() AND "id" <> ${id}
            ORDER BY "expiresAt" LIMIT ${removedPerRecord} FOR UPDATE SKIP LOCKED)
        ), taken AS (
          INSERT INTO "IdempotencyRecord" AS r
            ("workspaceId", "id", "fingerprint", "holder", "heldUntil", "expiresAt", "scopes")
          VALUES (${workspaceId}, ${id}, ${fingerprint}, ${holder}, ${soon}, ${tomorrow}, ${held})
          ON CONFLICT ("workspaceId", "id") DO UPDATE SET
            "fingerprint" = excluded."fingerprint", "holder" = excluded."holder", "heldUntil" = excluded."heldUntil",
            "expiresAt" = excluded."expiresAt", "scopes" = excluded."scopes", "answer" = NULL,
            "keepsAnswer" = true, "erasedAt" = NULL,
            "subjects" = CASE WHEN r."expiresAt" < clock_timestamp() THEN '{}' ELSE r."subjects" END,
            "steps" = CASE WHEN r."expiresAt" < clock_timestamp() THEN '{}' ELSE r."steps" END
          WHERE r."expiresAt" < clock_timestamp() OR (r."answer" IS NULL AND r."erasedAt" IS NULL
            AND r."heldUntil" NOT BETWEEN clock_timestamp() AND ${soon} AND (cardinality(r."steps") = 0
              OR (r."fingerprint" = excluded."fingerprint" AND r."scopes" <@ excluded."scopes")))
          RETURNING "fingerprint", "steps", "answer", "holder", "scopes", "erasedAt"
        )
        SELECT "fingerprint", "steps", "answer", "holder", "scopes", "erasedAt" FROM taken
        UNION ALL
        SELECT "fingerprint", '{}', "answer", "holder", "scopes", "erasedAt" FROM "IdempotencyRecord"
        WHERE "workspaceId" = ${workspaceId} AND "id" = ${id} AND NOT EXISTS (SELECT FROM taken)`);
      if (found?.holder === holder) return { run: openRun(db, { workspaceId, id, holder }, readSteps(found.steps)) };
      if (found && found.fingerprint !== fingerprint) throw reused();
      const requiredScope = found?.scopes.find((scope) => !scopes.has(scope));
      if (requiredScope !== undefined) throw scopeLost(requiredScope);
      if (found && found.erasedAt !== null) throw erased();
      // Without a row, another run took the key after this statement had started.
      if (found?.answer == null) throw inUse();
      await db.acknowledge();
      return { answer: found.answer };
    },

    /** Frees the keys of runs that did not end. Only for a gateway that is alone on its database, before it serves. */
    async releaseAll(): Promise<void> {
      await db.prisma.idempotencyRecord.updateMany({ where: { answer: null }, data: { heldUntil: new Date(0) } });
    },
  };
}

interface Found {
  fingerprint: string;
  steps: Uint8Array[];
  answer: string | null;
  erasedAt: Date | null;
  holder: string;
  scopes: Scope[];
}

const isKey = (text: string): boolean => /^[\x21-\x7e]{1,255}$/.test(text);

const reused = (): AppError =>
  new AppError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was sent with another request; use a new one.');

const scopeLost = (requiredScope: Scope): AppError =>
  new AppError('FORBIDDEN', `The request was done while this key had the scope ${requiredScope}.`, { requiredScope });

const erased = (): AppError =>
  new AppError('NOT_FOUND', 'The request was done; the customer that it was about has been deleted since.');
