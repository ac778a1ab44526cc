import type { Caller } from '../../../auth/caller.js';
import type { Database } from '../../../db/database.js';
import { AppError, badInput, conflict } from '../../../errors.js';
import { withoutNulls } from '../../../lib/values/changes.js';
import { createAgent } from '../../agent/agent.service.js';
import { channelService } from '../../channel/channel.service.js';
import type { ImportedAgent, ImportedChannel, ImportedConversation } from './conversation.import.input.js';

/** The ids of the objects that an imported conversation refers to by other keys. */
export interface References {
  channelId: string | null;
  assigneeId: string | null;
  /** The agent of each message, where it names one. */
  agentIds: readonly (string | null)[];
}

/** The channels and agents of a workspace, read once and created where an imported conversation brings them. */
export function importReferences(db: Database, caller: Caller) {
  const { workspaceId } = caller;
  const channels = lookUp(async () => {
    const rows = await db.prisma.channel.findMany({ where: { workspaceId } });
    return rows.map(({ id, kind, name }) => [`${kind} ${name}`, id] as const);
  });
  const agents = lookUp(async () => {
    const rows = await db.prisma.agent.findMany({ where: { workspaceId } });
    return rows.map(({ id, email }) => [email.toLowerCase(), id] as const);
  });

  const channelOf = async ({ kind, name, address, otherAddresses, ...record }: ImportedChannel): Promise<string> => {
    const key = `${kind} ${name}`;
    const known = await channels.idOf(key);
    if (known !== undefined) return known;
    const { id } = record;
    if (id != null && (await channels.has(id))) {
      throw conflict(['channel', 'id'], `Another channel has this id: ${id}.`, id);
    }
    const channel = await channelService(db).ensure(
      caller,
      { kind, name, address, otherAddresses: otherAddresses ?? [] },
      withoutNulls(record),
    );
    await channels.add(key, channel.id);
    return channel.id;
  };

  const ensureAgent = async ({ name, email, avatarUrl, ...record }: ImportedAgent, index: number): Promise<void> => {
    const key = email.toLowerCase();
    if ((await agents.idOf(key)) !== undefined) return;
    const { id } = record;
    if (id != null && (await agents.has(id))) {
      throw conflict(['agents', index, 'id'], `Another agent has this id: ${id}.`, id);
    }
    try {
      const agent = await createAgent(db, caller, { name, email, avatarUrl }, withoutNulls(record));
      await agents.add(key, agent.id);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
      // Another transaction has created it.
      agents.forget();
      if ((await agents.idOf(key)) === undefined) throw error;
    }
  };

  const agentOf = async (email: string | null | undefined, path: (string | number)[]): Promise<string | null> => {
    if (email == null) return null;
    const id = await agents.idOf(email.toLowerCase());
    if (id === undefined) throw badInput(path, `No agent has this email: ${email}.`);
    return id;
  };

  return {
    /**
     * The ids of the references, creating missing objects.
     * @throws BAD_USER_INPUT for an unknown agent, CONFLICT for an id that another object has.
     */
    async resolve({ channel, assignee, agents: named, messages }: ImportedConversation): Promise<References> {
      for (const [index, agent] of (named ?? []).entries()) await ensureAgent(agent, index);
      const agentIds: (string | null)[] = [];
      for (const [index, { agent }] of messages.entries()) {
        agentIds.push(agent == null ? null : await agentOf(agent, ['messages', index, 'agent']));
      }
      return {
        assigneeId: await agentOf(assignee, ['assignee']),
        agentIds,
        // Last, so that a conversation that is refused because of its agents creates no channel.
        channelId: channel === null ? null : await channelOf(channel),
      };
    },
  };
}

/** Ids by another key, read on first use. */
function lookUp(read: () => Promise<(readonly [name: string, id: string])[]>) {
  let known: Promise<Map<string, string>> | undefined;
  const all = (): Promise<Map<string, string>> => {
    known ??= read().then((entries) => new Map(entries));
    return known;
  };
  return {
    idOf: async (name: string): Promise<string | undefined> => (await all()).get(name),
    has: async (id: string): Promise<boolean> => [...(await all()).values()].includes(id),
    add: async (name: string, id: string): Promise<void> => void (await all()).set(name, id),
    forget: (): void => {
      known = undefined;
    },
  };
}
