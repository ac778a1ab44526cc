import { type Database, sql } from '../../db/database.js';

/** A stored file as it is served. */
export interface ServedFile {
  digest: string;
  fileName: string;
  contentType: string;
  sizeBytes: number;
}

export function downloadService(db: Database) {
  return {
    /**
     * The stored file for the id in a link: the id of an attachment, of a message for its raw e-mail, or of a rejected
     * mail. Null if there is none.
     */
    async find(workspaceId: string, id: string): Promise<ServedFile | null> {
      const [row] = await db.prisma.$queryRaw<ServedFile[]>(sql`
        SELECT f."digest", n."fileName", n."contentType", f."sizeBytes" FROM (
          SELECT a."digest", a."fileName", COALESCE(a."contentType", ${anyType}) AS "contentType"
          FROM "MessageAttachment" AS a WHERE a."workspaceId" = ${workspaceId} AND a."id" = ${id}
          UNION ALL
          SELECT m."rawDigest", m."id" || '.eml', ${mailType} FROM "Message" AS m
          WHERE m."workspaceId" = ${workspaceId} AND m."id" = ${id}
          UNION ALL
          SELECT r."digest", r."id" || '.eml', ${mailType} FROM "RejectedMail" AS r
          WHERE r."workspaceId" = ${workspaceId} AND r."id" = ${id} AND r."contentType" IS NULL
          UNION ALL
          SELECT r."digest", r."id", ${anyType} FROM "RejectedMail" AS r
          WHERE r."workspaceId" = ${workspaceId} AND r."id" = ${id} AND r."contentType" IS NOT NULL
        ) AS n JOIN "StoredFile" AS f ON f."workspaceId" = ${workspaceId} AND f."digest" = n."digest"`);
      return row ?? null;
    },
  };
}

const anyType = 'application/octet-stream';
const mailType = 'message/rfc822';
