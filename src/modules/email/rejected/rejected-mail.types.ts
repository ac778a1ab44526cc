import { readId } from '../../../db/global-id.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { rejectedMailList } from './rejected-mail.fields.js';
import { rejectedMs } from './rejected-mail.writes.js';

const RejectionReason = defineEnum('RejectionReason', {
  description: 'Why an e-mail did not become a message.',
  values: {
    NO_SENDER: { description: 'Its headers name no sender address.' },
    UNKNOWN_RECIPIENT: { description: 'No e-mail channel has one of its addresses, and it answers no conversation.' },
    TEAM_ONLY: { description: 'It was sent from the team to the team, so there is no contact.' },
    BLOCKED_SENDER: { description: 'The sender or its domain is blocked: see `blockedSenders`.' },
    SUSPENDED_SENDER: {
      description: 'The sender is a suspended contact. It becomes a message automatically when the suspension ends.',
    },
    UNREADABLE: { description: 'It contains no e-mail, or one that cannot be parsed.' },
  },
});

export const RejectedMail = builder.prismaNode('RejectedMail', {
  description:
    'An inbound e-mail that did not become a message. It is kept for 30 days, or until it becomes one. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    reason: t.expose('reason', { type: RejectionReason, description: 'Why it did not become a message.' }),
    message: t.exposeString('message', { description: 'The reason in words.' }),
    sender: t.exposeString('sender', {
      nullable: true,
      description: 'The address that it is from, in lower case; null if none was found.',
    }),
    recipients: t.exposeStringList('recipients', {
      description: 'The addresses that it is to, at most 100; empty if it could not be read.',
    }),
    subject: t.exposeString('subject', { nullable: true, description: 'The subject; null if none was found.' }),
    sizeBytes: t.exposeInt('sizeBytes', { description: 'Its length in bytes.' }),
    rawUrl: t.field({
      type: 'String',
      description:
        'A link to the e-mail byte for byte, as it came, which needs no key and expires after one to two hours. If no e-mail was found, to the body of the request.',
      select: { workspaceId: true },
      resolve: ({ workspaceId, id }, _args, { services }) => services.files.links.urlOf(workspaceId, id),
    }),
    attempts: t.exposeInt('attempts', { description: 'How often it was received.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first received.' }),
    lastReceivedAt: t.expose('lastReceivedAt', { type: 'DateTime', description: 'When it was last received.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it is removed.',
      select: { createdAt: true },
      resolve: ({ createdAt }) => new Date(createdAt.getTime() + rejectedMs),
    }),
  }),
});

builder.queryFields((t) => ({
  rejectedMail: t.field({
    type: RejectedMail,
    nullable: true,
    description: 'One rejected mail; null if there is none with this id. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('RejectedMail').load(readId('RejectedMail', id, ['id'])),
  }),
  rejectedMails: t.field({
    type: connectionType('RejectedMail', RejectedMail),
    description: 'The inbound e-mails that did not become messages, the latest first. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: listArguments(rejectedMailList),
    resolve: (_root, args, { services, caller }, info) =>
      services.rejectedMails.list(caller, { ...args, select: selectedInPage(info, 'RejectedMail') }),
  }),
}));
