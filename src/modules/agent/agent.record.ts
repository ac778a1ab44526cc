import { defineRecord } from '../../db/record.js';
import { importedHistory, importedId, importedTime } from '../../db/writing/imported.js';
import type { Agent } from '../../generated/prisma/client.js';
import { createAgentInput } from './agent.input.js';

const { shape } = createAgentInput;

export const agentRecord = defineRecord<Agent>('Agent')
  .fields({
    id: { rule: importedId('Agent').nullish(), entity: false },
    email: { rule: shape.email },
    name: { rule: shape.name },
    avatarUrl: { rule: shape.avatarUrl },
    isActive: { of: 'deactivatedAt', file: false, entity: ({ deactivatedAt }) => deactivatedAt === null },
    deactivatedAt: { rule: importedTime.nullish(), entity: false },
    ...importedHistory,
  })
  .omitting({});
