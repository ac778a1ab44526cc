import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Database, sql } from '../../db/database.js';
import { signingSecret } from '../../db/signing.js';

/**
 * Addresses that name a conversation by its number: `help+thd_42.<signature>@desk.example`. Mail servers may change the
 * case of the local part, so nothing in it depends on case. The signature prevents others from writing into
 * conversations whose numbers they guess.
 */

const form = /^[^@]+\+thd_([1-9]\d{0,9})\.([0-9a-f]{16})@/i;
/** The maximum length of the local part (RFC 5321, 4.5.3.1.1). */
const maxLocalLength = 64;
/** How many addresses of an e-mail are checked. */
const maxNamed = 5;
const maxNumber = 2_147_483_647;

export function threadAddresses(db: Database) {
  const secret = signingSecret(db);

  const sign = async (workspaceId: string, conversationId: string): Promise<string> => {
    const hmac = createHmac('sha256', await secret()).update(`thread/${workspaceId}/${conversationId}`);
    return hmac.digest('hex').slice(0, 16);
  };

  return {
    /** The address of the conversation at the mailbox; null if it would be too long. */
    async of(
      mailbox: string,
      workspaceId: string,
      conversation: { id: string; number: number },
    ): Promise<string | null> {
      const at = mailbox.lastIndexOf('@');
      const local = `${mailbox.slice(0, at)}+thd_${conversation.number}.${await sign(workspaceId, conversation.id)}`;
      return Buffer.byteLength(local) > maxLocalLength ? null : `${local}${mailbox.slice(at)}`;
    },

    /** The conversation that one of the addresses names with a valid signature; null if none does. */
    async namedBy(workspaceId: string, addresses: readonly string[]): Promise<string | null> {
      const named = addresses.flatMap((address) => {
        const [, number, signature = ''] = form.exec(address) ?? [];
        return Number(number) <= maxNumber ? { number: Number(number), signature: signature.toLowerCase() } : [];
      });
      if (named.length === 0) return null;
      const numbers = named.slice(0, maxNamed).map(({ number }) => number);
      const rows = await db.read(sql`SELECT c."number", c."id" FROM "Conversation" AS c
        WHERE c."workspaceId" = ${workspaceId} AND c."number" = ANY(${numbers}::int[])`);
      const ids = new Map(rows.map(([number, id]) => [Number(number), String(id)]));
      for (const { number, signature } of named.slice(0, maxNamed)) {
        const id = ids.get(number);
        if (id !== undefined && isSame(signature, await sign(workspaceId, id))) return id;
      }
      return null;
    },
  };
}

const isSame = (given: string, right: string): boolean =>
  given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right));
