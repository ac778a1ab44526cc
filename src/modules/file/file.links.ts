import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Database } from '../../db/database.js';
import { signingSecret } from '../../db/signing.js';

/**
 * The signed URLs with which browsers get stored files without a key. Each gives access to one file for one to two
 * hours.
 */
export interface FileLinks {
  /** The URL of the file for an id: of an attachment, a message's raw e-mail, or a rejected mail. */
  urlOf(workspaceId: string, id: string): Promise<string>;
  /** Whether the gateway signed the link, and it has not expired. */
  check(workspaceId: string, id: string, expires: string, signature: string): Promise<'VALID' | 'EXPIRED' | 'WRONG'>;
}

/** Links created within an hour are equal, so that browsers can cache the files. */
const stepSeconds = 3_600;
/** The maximum lifetime of a link, plus the tolerated difference between the clocks of two gateways. */
const longestSeconds = 2 * stepSeconds + 300;

/** The image types that are safe to show in a browser. */
const safeImages: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

export const isSafeImage = (contentType: string | null): boolean => contentType !== null && safeImages.has(contentType);

const defaultPublicUrl = 'http://127.0.0.1:4000';

/** The path below which linked files are served. */
export const filePath = '/attachments';

export function fileLinks(db: Database, publicUrl = defaultPublicUrl): FileLinks {
  const secret = signingSecret(db);
  const sign = async (workspaceId: string, id: string, expires: string): Promise<Buffer> =>
    createHmac('sha256', await secret())
      .update(`${workspaceId}/${id}/${expires}`)
      .digest();

  return {
    async urlOf(workspaceId, id) {
      const now = Date.now() / 1_000;
      const expires = String((Math.floor(now / stepSeconds) + 2) * stepSeconds);
      const signature = (await sign(workspaceId, id, expires)).toString('base64url');
      return `${publicUrl}${filePath}/${workspaceId}/${id}?expires=${expires}&signature=${signature}`;
    },
    async check(workspaceId, id, expires, signature) {
      const right = await sign(workspaceId, id, expires);
      const given = Buffer.from(signature, 'base64url');
      if (given.length !== right.length || !timingSafeEqual(given, right)) return 'WRONG';
      const leftSeconds = Number(expires) - Date.now() / 1_000;
      // No valid link lasts longer. If one seems to, the clock was set back, and it may already have expired.
      return leftSeconds > 0 && leftSeconds <= longestSeconds ? 'VALID' : 'EXPIRED';
    },
  };
}
