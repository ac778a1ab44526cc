import { LRUCache } from 'lru-cache';
import { type Caller, operatorOf } from '../../auth/caller.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { badInput, conflict, notFound } from '../../errors.js';
import type { TrustedDocument } from '../../generated/prisma/client.js';
import { isDocumentId } from '../../lib/text/document-id.js';
import { recordEvents } from '../events/event.service.js';

/** A document of a manifest, parsed and validated. */
export interface NewTrustedDocument {
  id: string;
  name: string | null;
  text: string;
}

export type ListedDocument = Pick<TrustedDocument, 'id' | 'name' | 'createdAt'>;

const maxDocuments = 10_000;
/** How many documents one statement writes. This limits the memory that it needs. */
const perStatement = 500;

/** How long a text is cached, which is also how long a removed document may still run. */
const rememberedMs = 10_000;
const rememberedCharacters = 16 * 1_024 * 1_024;

/** The documents that a workspace has registered. Clients refer to them by their ids. */
export function trustedDocumentService(db: Database) {
  const texts = new LRUCache<string, string>({
    ttl: rememberedMs,
    maxSize: rememberedCharacters,
    sizeCalculation: (text, key) => text.length + key.length,
  });

  const requireWorkspace = async (workspaceId: string): Promise<void> => {
    const workspace = await db.prisma.workspace.findUnique({ where: { id: workspaceId }, select: { id: true } });
    if (!workspace) throw notFound('Workspace', ['workspace']);
  };

  return {
    /** The text of a document; undefined when the workspace has none with this id. */
    async find({ workspaceId }: Pick<Caller, 'workspaceId'>, id: string): Promise<string | undefined> {
      if (!isDocumentId(id)) return undefined;
      const key = `${workspaceId} ${id}`;
      const known = texts.get(key);
      if (known !== undefined) return known;
      const found = await db.prisma.trustedDocument.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
      if (found) texts.set(key, found.text);
      return found?.text;
    },

    /**
     * Registers documents, all of them or none. Returns how many are new.
     * @throws NOT_FOUND for the workspace, CONFLICT for an id that has another text, or when there are too many.
     */
    async upload(workspaceId: string, documents: readonly NewTrustedDocument[]): Promise<number> {
      await requireWorkspace(workspaceId);
      return db.transaction(async (tx) => {
        let added = 0;
        for (let start = 0; start < documents.length; start += perStatement) {
          const some = documents.slice(start, start + perStatement);
          const data = some.map((document) => ({ workspaceId, ...document }));
          const select = { id: true, name: true };
          const created = await tx.trustedDocument.createManyAndReturn({ data, skipDuplicates: true, select });
          await record(tx, workspaceId, 'workspace.documents_added', created);
          added += created.length;
          const kept = await tx.trustedDocument.findMany({
            where: { workspaceId, id: { in: some.map(({ id }) => id) } },
          });
          const textOf = new Map(kept.map(({ id, text }) => [id, text]));
          const other = some.find(({ id, text }) => textOf.get(id) !== text);
          if (other) throw conflict(['documents'], `${other.id} stands for another text already.`);
        }
        if ((await tx.trustedDocument.count({ where: { workspaceId } })) > maxDocuments) {
          throw conflict(['documents'], `A workspace has at most ${maxDocuments} documents; remove some first.`);
        }
        return added;
      });
    },

    /** The documents of a workspace without their texts, by id. @throws NOT_FOUND for the workspace. */
    async list(workspaceId: string): Promise<ListedDocument[]> {
      await requireWorkspace(workspaceId);
      return db.prisma.trustedDocument.findMany({
        where: { workspaceId },
        select: { id: true, name: true, createdAt: true },
        orderBy: { id: 'asc' },
      });
    },

    /**
     * Removes the documents with these ids, or all. Returns how many.
     * @throws NOT_FOUND for an id without a document.
     */
    async remove(workspaceId: string, ids: readonly string[] | 'ALL'): Promise<number> {
      await requireWorkspace(workspaceId);
      const removed = await db.transaction(async (tx) => {
        const deleted = await tx.$queryRaw<Told[]>(sql`DELETE FROM "TrustedDocument" AS d
          WHERE d."workspaceId" = ${workspaceId} AND (${ids === 'ALL'} OR d."id" = ANY(${ids === 'ALL' ? [] : ids}::text[]))
          RETURNING d."id", d."name"`);
        if (ids !== 'ALL' && deleted.length < new Set(ids).size) {
          throw badInput(['id'], 'The workspace has no such document.');
        }
        for (let start = 0; start < deleted.length; start += perStatement) {
          const some = deleted.slice(start, start + perStatement);
          await record(tx, workspaceId, 'workspace.documents_removed', some);
        }
        return deleted.length;
      });
      texts.clear();
      return removed;
    },
  };
}

/** The fields of a document in the audit log. */
type Told = Pick<TrustedDocument, 'id' | 'name'>;

/** Records a change of these documents, if there are any. */
async function record(
  tx: Transaction,
  workspaceId: string,
  type: 'workspace.documents_added' | 'workspace.documents_removed',
  documents: readonly Told[],
): Promise<void> {
  if (documents.length === 0) return;
  const data = { documents: documents.map(({ id, name }) => ({ id, name })) };
  await recordEvents(tx, operatorOf(workspaceId), [{ type, entityId: workspaceId, data }]);
}
