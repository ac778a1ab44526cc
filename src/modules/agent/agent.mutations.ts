import { defineMutation } from '../../graphql/schema/mutation.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { Agent } from './agent.types.js';

const ifVersion = 'Do it only while the agent is at this version.';

defineMutation('createAgent', {
  description: 'Adds a member to the team. Needs workspace:write.',
  scope: 'workspace:write',
  input: (t) => ({
    name: t.string({ required: true, description: 'The name that contacts see, at most 255 characters.' }),
    email: t.string({ required: true, description: 'The address, unique among agents whatever its case.' }),
    avatarUrl: t.string({ description: 'The http or https URL of a picture.' }),
  }),
  resolve: async ({ services, caller }, input) => ({ agent: await services.agents.create(caller, input) }),
  payload: (t) => ({
    agent: t.field({ type: Agent, nullable: true, description: 'The new agent.', resolve: ({ agent }) => agent }),
  }),
});

defineMutation('updateAgent', {
  description: 'Changes the given fields of an agent. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The agent.' }),
    name: t.string({ description: 'The name that contacts see; messages keep the name they were written under.' }),
    email: t.string({ description: 'The address, unique among agents whatever its case.' }),
    avatarUrl: t.string({ description: 'The http or https URL of a picture; null takes it away.' }),
    ifVersion: t.int({ description: ifVersion }),
  }),
  resolve: ({ services, caller }, input) => services.agents.update(caller, input),
  payload: (t) => ({
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent as it is now.',
      resolve: ({ agent }) => agent,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});

defineMutation('deactivateAgent', {
  description:
    'Ends the work of an agent. Open conversations go to another agent or to nobody, keys that act as the agent are refused, and nothing can be assigned any more; closed conversations and messages keep the agent. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The agent.' }),
    reassignToId: t.id({ description: 'The agent who gets the open conversations; nobody when null or left out.' }),
    ifVersion: t.int({ description: ifVersion }),
  }),
  resolve: ({ services, caller }, input) => services.agents.deactivate(caller, input),
  payload: (t) => ({
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent as it is now.',
      resolve: ({ agent }) => agent,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'UPDATED, or UNCHANGED when the agent was deactivated already.',
      resolve: ({ result }) => result,
    }),
    movedConversations: t.int({
      nullable: true,
      description: 'How many open conversations the agent had that have another assignee or none now.',
      resolve: ({ movedConversations }) => movedConversations,
    }),
  }),
});

defineMutation('reactivateAgent', {
  description:
    'Lets a deactivated agent work again; keys that act as the agent open again too. The conversations stay where they went. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The agent.' }),
    ifVersion: t.int({ description: ifVersion }),
  }),
  resolve: ({ services, caller }, input) => services.agents.reactivate(caller, input),
  payload: (t) => ({
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent as it is now.',
      resolve: ({ agent }) => agent,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'UPDATED, or UNCHANGED when the agent was active already.',
      resolve: ({ result }) => result,
    }),
  }),
});
