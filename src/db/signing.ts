import { randomBytes } from 'node:crypto';
import { type Database, sql } from './database.js';

/** The signing secret that all gateways on the database share. Read once, and created if there is none. */
export function signingSecret(db: Database): () => Promise<Buffer> {
  let known: Promise<Buffer> | undefined;
  return () => {
    known ??= readSecret(db).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function readSecret(db: Database): Promise<Buffer> {
  const made = randomBytes(32).toString('base64url');
  await db.prisma.$executeRaw(sql`INSERT INTO "SigningSecret" ("secret") VALUES (${made}) ON CONFLICT DO NOTHING`);
  const [row = []] = await db.read(sql`SELECT "secret" FROM "SigningSecret" WHERE "id" = 1`);
  return Buffer.from(String(row[0]), 'base64url');
}
