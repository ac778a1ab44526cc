import { readId } from '../../../db/global-id.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { AuditActor } from '../../changes/change.actor.types.js';
import { blockedSenderList } from './blocked-sender.fields.js';

export const BlockedSender = builder.prismaNode('BlockedSender', {
  description: 'An e-mail address or a domain whose e-mails are not accepted as messages. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    pattern: t.exposeString('pattern', {
      description:
        'The address, such as spam@x.example, or the domain, such as x.example, which includes its subdomains. In lower case, the domain in its ASCII form; unique in the workspace.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why it is blocked; null if no reason was given.',
    }),
    createdBy: t.field({
      type: AuditActor,
      description: 'Who blocked it.',
      select: { createdBy: true },
      resolve: ({ createdBy }) => ({ actorId: createdBy }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was blocked.' }),
  }),
});

builder.queryFields((t) => ({
  blockedSender: t.field({
    type: BlockedSender,
    nullable: true,
    description: 'One blocked sender; null if there is none with this id. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('BlockedSender').load(readId('BlockedSender', id, ['id'])),
  }),
  blockedSenders: t.field({
    type: connectionType('BlockedSender', BlockedSender),
    description: 'The e-mail addresses and domains that are blocked, the latest first. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: listArguments(blockedSenderList),
    resolve: (_root, args, { services, caller }, info) =>
      services.blockedSenders.list(caller, { ...args, select: selectedInPage(info, 'BlockedSender') }),
  }),
}));
