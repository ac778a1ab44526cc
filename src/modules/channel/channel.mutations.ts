import { defineMutation } from '../../graphql/schema/mutation.js';
import { WriteResult } from '../customer/customer.mutations.js';
import { Channel, ChannelKind } from './channel.types.js';

defineMutation('createChannel', {
  description: 'Adds a way by which conversations come in and go out. Needs workspace:write.',
  scope: 'workspace:write',
  input: (t) => ({
    kind: t.field({ type: ChannelKind, required: true, description: 'The means; it stays as it is.' }),
    name: t.string({ required: true, description: 'What people call it, unique among channels of one kind.' }),
    address: t.string({ description: 'The e-mail address, for a channel of the kind EMAIL only.' }),
  }),
  resolve: async ({ services, caller }, input) => ({ channel: await services.channels.create(caller, input) }),
  payload: (t) => ({
    channel: t.field({
      type: Channel,
      nullable: true,
      description: 'The new channel.',
      resolve: ({ channel }) => channel,
    }),
  }),
});

defineMutation('updateChannel', {
  description: 'Changes the given fields of a channel. Safe to repeat. Needs workspace:write.',
  scope: 'workspace:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The channel.' }),
    name: t.string({ description: 'What people call it, unique among channels of one kind.' }),
    address: t.string({ description: 'The e-mail address, for a channel of the kind EMAIL only; null takes it away.' }),
    ifVersion: t.int({ description: 'Do it only while the channel is at this version.' }),
  }),
  resolve: ({ services, caller }, input) => services.channels.update(caller, input),
  payload: (t) => ({
    channel: t.field({
      type: Channel,
      nullable: true,
      description: 'The channel as it is now.',
      resolve: ({ channel }) => channel,
    }),
    result: t.field({
      type: WriteResult,
      nullable: true,
      description: 'What was done.',
      resolve: ({ result }) => result,
    }),
  }),
});
