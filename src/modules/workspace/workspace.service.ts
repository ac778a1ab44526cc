import { z } from 'zod';
import { type Caller, operatorOf } from '../../auth/caller.js';
import { entitlements } from '../../auth/entitlements.js';
import { type Database, sql, type Transaction } from '../../db/database.js';
import { newId } from '../../db/ids.js';
import { orTaken } from '../../db/writing/unique.js';
import { badInput, conflict, notFound } from '../../errors.js';
import { AttributionModel, type Workspace } from '../../generated/prisma/client.js';
import { changesOf } from '../../lib/values/changes.js';
import { knownCurrencyCode } from '../../lib/values/money.js';
import { name, parseInput } from '../../lib/values/validation.js';
import { enqueuePhones } from '../customer/phone/customer.phone.js';
import { enqueueRemoval } from '../events/event.retention.js';
import { recordEvents } from '../events/event.service.js';
import { type UpdateWorkspaceInput, updateWorkspaceInput } from './workspace.input.js';

const createWorkspaceInput = z.object({
  id: z
    .string()
    .regex(/^wrk_[A-Za-z0-9_-]{1,120}$/, 'Must be wrk_ and letters, digits, "_" or "-".')
    .optional(),
  uuid: z.guid('Must be a UUID.').optional(),
  name: name(255).optional(),
  timezone: z.string().refine(isTimeZone, 'Must be an IANA time zone such as Europe/Berlin.').default('UTC'),
  currency: knownCurrencyCode.default('USD'),
  defaultCountry: updateWorkspaceInput.shape.defaultCountry.default(null),
  entitlements: z.array(z.enum(entitlements)).default([]),
  attributionModel: z.enum(AttributionModel).default('LAST'),
  attributionWindowDays: z.int().min(1, 'Must be from 1 to 365.').max(365, 'Must be from 1 to 365.').default(30),
});

export type CreateWorkspaceInput = z.input<typeof createWorkspaceInput>;

export interface WorkspaceChange {
  workspace: Workspace;
  result: 'UPDATED' | 'UNCHANGED';
}

export function workspaceService(db: Database) {
  return {
    /** The workspace with this id. @throws NOT_FOUND */
    async get(id: string): Promise<Workspace> {
      const workspace = await db.prisma.workspace.findUnique({ where: { id } });
      if (!workspace) throw notFound('Workspace', ['workspace']);
      return workspace;
    },

    /** Creates a workspace. @throws InvalidInput, CONFLICT when its id or uuid is taken. */
    async create(input: CreateWorkspaceInput): Promise<Workspace> {
      const { id = newId('Workspace'), name: given, uuid, ...fields } = parseInput(createWorkspaceInput, input);
      await requireTimeZone(db, fields.timezone);
      const work = async (tx: Transaction): Promise<Workspace> => {
        const after = { name: given ?? id, ...fields };
        const workspace = await tx.workspace.create({ data: { id, ...(uuid && { uuid }), ...after } });
        await recordEvents(tx, operatorOf(id), [{ type: 'workspace.created', entityId: id, data: { after } }]);
        return workspace;
      };
      return orTaken(
        () => db.transaction(work),
        async () => conflict(['id'], `A workspace has this id or uuid: ${id}.`, id),
      );
    },

    /** Writes the given settings. @throws InvalidInput */
    async update(caller: Caller, input: UpdateWorkspaceInput): Promise<WorkspaceChange> {
      const fields = parseInput(updateWorkspaceInput, input);
      const where = { id: caller.workspaceId };
      return db.transaction(async (tx) => {
        await tx.$executeRaw(sql`SELECT FROM "Workspace" WHERE "id" = ${where.id} FOR NO KEY UPDATE`);
        const workspace = await tx.workspace.findUniqueOrThrow({ where });
        const changes = changesOf(workspace, fields);
        if (!changes) return { workspace, result: 'UNCHANGED' };
        await recordEvents(tx, caller, [{ type: 'workspace.updated', entityId: where.id, data: { ...changes } }]);
        if (changes.after.defaultCountry !== undefined) await enqueuePhones(tx, where.id);
        if (changes.after.eventRetentionDays != null) await enqueueRemoval(tx, where.id);
        return { workspace: await tx.workspace.update({ where, data: changes.after }), result: 'UPDATED' };
      });
    },
  };
}

/** Names that the database takes for offsets which hold all year round, before it looks among the time zones. */
const abbreviations = ['CET', 'EET', 'MET', 'WET'];

/**
 * The time zones of the database differ from those of Node: some are missing, offsets such as +05:00 have the opposite
 * sign, and a few names have no summer time.
 * @throws BAD_USER_INPUT
 */
async function requireTimeZone(db: Database, timezone: string): Promise<void> {
  if (timezone === 'UTC') return;
  if (abbreviations.includes(timezone.toUpperCase()))
    throw badInput(
      ['timezone'],
      'Must be the time zone of a place, such as Europe/Berlin, since this one has no summer.',
    );
  const known = await db.read(sql`SELECT 1 FROM pg_timezone_names WHERE lower("name") = lower(${timezone}) LIMIT 1`);
  if (known.length === 0)
    throw badInput(['timezone'], 'Must be a time zone that the database knows, such as Europe/Berlin.');
}

function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }) !== undefined;
  } catch {
    return false;
  }
}
