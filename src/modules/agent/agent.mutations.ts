import { defineMutation, written } from '../../graphql/schema/mutation.js';
import { createAgentInput, deactivateAgentInput, reactivateAgentInput, updateAgentInput } from './agent.input.js';
import { Agent } from './agent.types.js';

const changed = { type: Agent, description: 'The agent after the change.' };

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
  payload: { agent: changed, result: written() },
});

defineMutation('deactivateAgent', {
  description:
    'Deactivates an agent. The open conversations of the agent are reassigned or become unassigned, API keys that act as the agent are refused, and no conversation can be assigned to the agent. Closed conversations and messages keep the agent. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: deactivateAgentInput,
  resolve: ({ services, caller }, input) => services.agents.deactivate(caller, input),
  payload: {
    agent: changed,
    result: written('UPDATED, or UNCHANGED if the agent was already deactivated.'),
    movedConversations: {
      type: 'Int',
      description: 'How many open conversations were reassigned or became unassigned.',
    },
  },
});

defineMutation('reactivateAgent', {
  description:
    'Reactivates a deactivated agent. API keys that act as the agent are accepted again. Conversations that were reassigned stay with their new assignees. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: reactivateAgentInput,
  resolve: ({ services, caller }, input) => services.agents.reactivate(caller, input),
  payload: {
    agent: changed,
    result: written('UPDATED, or UNCHANGED if the agent was already active.'),
  },
});
