import { readId } from '../../../db/global-id.js';
import type { Message as MessageRow } from '../../../generated/prisma/client.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { Conversation } from '../conversation.types.js';
import { messageList } from './message.fields.js';
import { htmlToShow } from './message.html.js';

export const MessageDirection = defineEnum('MessageDirection', {
  description: 'Which way a message went.',
  values: {
    INBOUND: { description: 'From the contact to the team.' },
    OUTBOUND: { description: 'From the team to the contact.' },
    SYSTEM: { description: 'From neither: told by the system itself.' },
  },
});

const MessageStatus = defineEnum('MessageStatus', {
  description: 'How far a message got.',
  values: {
    QUEUED: { description: 'Waits for the mail server.' },
    SENT: { description: 'Was sent.' },
    FAILED: { description: 'Could not be sent.' },
    RECEIVED: { description: 'Came in.' },
  },
});

const MessageAuthor = builder.prismaObject('Message', {
  variant: 'MessageAuthor',
  select: { id: true },
  description: 'Who wrote a message.',
  fields: (t) => ({
    name: t.exposeString('authorName', {
      nullable: true,
      description: 'The name of the author when the message was written; null when it was not known.',
    }),
    agent: t.relation('agent', {
      nullable: true,
      description: 'The agent who wrote it; null when it was not an agent of this workspace.',
    }),
  }),
});

const MessageFailure = builder.prismaObject('Message', {
  variant: 'MessageFailure',
  select: { failureCode: true, failureReason: true, failureIsPermanent: true },
  description: 'Why the e-mail of a message was not sent the last time.',
  fields: (t) => ({
    code: t.field({
      type: 'String',
      description:
        'What went wrong, for programs: the reply code of the mail server, such as 550, or one of NO_ADDRESS, ADDRESS, NO_MAILBOX, CONTENT, AUTHENTICATION, UNREACHABLE, OUTBOX.',
      resolve: ({ failureCode }) => failureCode ?? '',
    }),
    reason: t.field({
      type: 'String',
      description: 'The same for people: what the mail server said, or what is missing.',
      resolve: ({ failureReason }) => failureReason ?? '',
    }),
    isPermanent: t.field({
      type: 'Boolean',
      description: 'Whether it would be the same another time. If not, it is tried again by itself for two days.',
      resolve: ({ failureIsPermanent }) => failureIsPermanent ?? false,
    }),
  }),
});

export const Message = builder.prismaNode('Message', {
  description: 'One message of a conversation. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    conversation: t.relation('conversation', { description: 'The conversation it belongs to.' }),
    direction: t.expose('direction', { type: MessageDirection, description: 'Which way it went.' }),
    isInternal: t.exposeBoolean('internal', { description: 'True for a note that only agents see.' }),
    author: t.variant(MessageAuthor, { description: 'Who wrote it.' }),
    text: t.exposeString('text', { description: 'What it says, as plain text.' }),
    html: t.field({
      type: 'String',
      nullable: true,
      description:
        'The same as HTML that is safe to show: without scripts, forms and whatever else is no text, image, link or layout. Images lie where the author has them. Null when there is none.',
      select: { workspaceId: true, version: true, html: true },
      resolve: htmlToShow,
    }),
    preview: t.exposeString('preview', { description: 'Its beginning, at most 140 characters on one line.' }),
    status: t.expose('status', { type: MessageStatus, description: 'How far it got.' }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: 'Its id in another system, unique in the workspace; null when it has none.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its e-mail was handed over to the mail server; null while it was not, and when it has none.',
    }),
    sendAttempts: t.exposeInt('sendAttempts', { description: 'How often it was tried to send its e-mail.' }),
    failure: t.variant(MessageFailure, {
      description: 'What went wrong when its e-mail was sent the last time; null when nothing did.',
      // The view selects it.
      isNull: (message) => (message as Partial<MessageRow>).failureCode === null,
    }),
    emailMessageId: t.exposeString('emailMessageId', {
      nullable: true,
      description:
        'The Message-ID of the e-mail that it came with or goes out with, without angle brackets; null when it is none.',
    }),
    version: t.exposeInt('version', {
      description: 'Counts edits, which only internal notes have; pass it as ifVersion to not overwrite another.',
    }),
    sentAt: t.expose('sentAt', { type: 'DateTime', description: 'When it was sent; messages are sorted by it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was stored.' }),
    editedAt: t.expose('editedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an internal note was last edited; null when it never was.',
    }),
  }),
});

const MessageConnection = connectionType('Message', Message);

const messageArguments = listArguments(messageList);

builder.queryField('message', (t) =>
  t.field({
    type: Message,
    nullable: true,
    description: 'One message; null when there is none with this id. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('Message').load(readId('Message', id, ['id'])),
  }),
);

builder.prismaObjectField(Conversation, 'messages', (t) =>
  t.field({
    type: MessageConnection,
    description: 'Its messages from the first to the latest; last: 3 gives the latest three.',
    select: { id: true },
    args: messageArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.messages.ofConversation({ ...args, select: selectedInPage(info, 'Message') }).load(id),
  }),
);
