import { readId } from '../../db/global-id.js';
import { builder } from '../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../graphql/schema/connection.js';
import { defineEnum } from '../../graphql/schema/enums.js';
import { databaseId, node, updatedAt, version } from '../../graphql/schema/node.js';
import { selectedInPage } from '../../graphql/schema/selection.js';
import { channelList } from './channel.fields.js';

export const ChannelKind = defineEnum('ChannelKind', {
  description: 'How a channel reaches people.',
  values: {
    EMAIL: { description: 'A mailbox.' },
    CHAT: { description: 'A chat, including one in a social network.' },
    FORM: { description: 'A form on a website.' },
    API: { description: 'A program that uses an API.' },
  },
});

export const Channel = builder.prismaNode('Channel', {
  description: 'A way in which the team and its contacts exchange messages, such as a mailbox. Any key may read it.',
  ...node({ scope: null }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    kind: t.expose('kind', { type: ChannelKind, description: 'How the channel reaches people.' }),
    name: t.exposeString('name', { description: 'The display name; unique among channels of one kind.' }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'The e-mail address; null for other kinds than EMAIL, and for a mailbox without an address.',
    }),
    otherAddresses: t.exposeStringList('otherAddresses', {
      description: 'Further addresses that receive e-mails for the channel. E-mails are sent from `address`.',
    }),
    version: t.exposeInt('version', version),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the channel was created.' }),
    updatedAt: t.expose('updatedAt', updatedAt),
  }),
});

builder.queryFields((t) => ({
  channel: t.field({
    type: Channel,
    nullable: true,
    description: 'One channel; null when there is none with this id. Any key may read it.',
    authScopes: { anyKey: true },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('Channel').load(readId('Channel', id, ['id'])),
  }),
  channels: t.field({
    type: connectionType('Channel', Channel),
    description: 'The channels of the workspace. Any key may read them.',
    authScopes: { anyKey: true },
    args: listArguments(channelList),
    resolve: (_root, args, { services, caller }, info) =>
      services.channels.list(caller, { ...args, select: selectedInPage(info, 'Channel') }),
  }),
}));
