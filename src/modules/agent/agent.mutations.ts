import { defineMutation } from '../../graphql/schema/mutation.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { createAgentInput, deactivateAgentInput, reactivateAgentInput, updateAgentInput } from './agent.input.js';
import { Agent } from './agent.types.js';

const changed = { type: Agent, description: 'The agent as it is now.' };

defineMutation('createAgent', {
  description: 'Adds a member to the team. Needs workspace:write.',
  scope: 'workspace:write',
  input: createAgentInput,
  resolve: async ({ services, caller }, input) => ({ agent: await services.agents.create(caller, input) }),
  payload: { agent: { type: Agent, description: 'The new agent.' } },
});

defineMutation('updateAgent', {
  description: 'Changes the given fields of an agent. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: updateAgentInput,
  resolve: ({ services, caller }, input) => services.agents.update(caller, input),
  payload: { agent: changed, result: { type: WriteResult, description: 'What was done.' } },
});

defineMutation('deactivateAgent', {
  description:
    'Ends the work of an agent. Open conversations go to another agent or to nobody, keys that act as the agent are refused, and nothing can be assigned any more; closed conversations and messages keep the agent. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: deactivateAgentInput,
  resolve: ({ services, caller }, input) => services.agents.deactivate(caller, input),
  payload: {
    agent: changed,
    result: { type: WriteResult, description: 'UPDATED, or UNCHANGED when the agent was deactivated already.' },
    movedConversations: {
      type: 'Int',
      description: 'How many open conversations the agent had that have another assignee or none now.',
    },
  },
});

defineMutation('reactivateAgent', {
  description:
    'Lets a deactivated agent work again; keys that act as the agent open again too. The conversations stay where they went. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: reactivateAgentInput,
  resolve: ({ services, caller }, input) => services.agents.reactivate(caller, input),
  payload: {
    agent: changed,
    result: { type: WriteResult, description: 'UPDATED, or UNCHANGED when the agent was active already.' },
  },
});
