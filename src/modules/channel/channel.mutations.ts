import { defineMutation, written } from '../../graphql/schema/mutation.js';
import { newChannelInput, updateChannelInput } from './channel.input.js';
import { Channel } from './channel.types.js';

defineMutation('createChannel', {
  description: 'Creates a channel for incoming and outgoing conversations. Needs workspace:write.',
  scope: 'workspace:write',
  input: newChannelInput,
  resolve: async ({ services, caller }, input) => ({ channel: await services.channels.create(caller, input) }),
  payload: { channel: { type: Channel, description: 'The new channel.' } },
});

defineMutation('updateChannel', {
  description: 'Changes the given fields of a channel. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: updateChannelInput,
  resolve: ({ services, caller }, input) => services.channels.update(caller, input),
  payload: {
    channel: { type: Channel, description: 'The channel after the change.' },
    result: written(),
  },
});
