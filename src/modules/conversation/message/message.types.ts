import { readId } from '../../../db/global-id.js';
import type { Message as MessageRow } from '../../../generated/prisma/client.js';
import { builder } from '../../../graphql/schema/builder.js';
import { connectionType, listArguments } from '../../../graphql/schema/connection.js';
import { defineEnum } from '../../../graphql/schema/enums.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { scoped } from '../../../graphql/schema/scopes.js';
import { selectedInPage } from '../../../graphql/schema/selection.js';
import { Conversation } from '../conversation.types.js';
import { authenticationOf, type MailAuthentication as MailAuthenticationOf } from './mail/message.authentication.js';
import { type MailParticipant, participantsOf } from './mail/message.participants.js';
import { messageList } from './message.fields.js';
import { htmlToShow } from './message.html.js';
import { ownText } from './message.text.js';

export const MessageDirection = defineEnum('MessageDirection', {
  description: 'The direction of a message.',
  values: {
    INBOUND: { description: 'From the contact to the team.' },
    OUTBOUND: { description: 'From the team to the contact.' },
    SYSTEM: { description: 'Written by the system itself.' },
  },
});

const MessageStatus = defineEnum('MessageStatus', {
  description: 'The status of a message.',
  values: {
    QUEUED: { description: 'Waiting to be sent by e-mail.' },
    SENT: { description: 'Handed over to the mail server, or complete because no e-mail goes out.' },
    FAILED: { description: 'Could not be sent by e-mail.' },
    RECEIVED: { description: 'Received from the contact.' },
  },
});

const MessageAuthor = builder.prismaObject('Message', {
  variant: 'MessageAuthor',
  select: { id: true },
  ...scoped('conversations:read'),
  description: 'Who wrote a message.',
  fields: (t) => ({
    name: t.exposeString('authorName', {
      nullable: true,
      description: 'The name of the author when the message was written; null if it was not known.',
    }),
    agent: t.relation('agent', {
      nullable: true,
      description: 'The agent who wrote it; null if the author is not an agent of this workspace.',
    }),
  }),
});

const MessageFailure = builder.prismaObject('Message', {
  variant: 'MessageFailure',
  select: { failureCode: true, failureReason: true, failureIsPermanent: true, failureRecipient: true },
  ...scoped('conversations:read'),
  description: 'Why the e-mail of a message could not be sent, or was returned.',
  fields: (t) => ({
    code: t.field({
      type: 'String',
      description:
        'A code for programs: the reply code of the mail server, such as 550, or one of NO_ADDRESS, ADDRESS, NO_MAILBOX, CONTENT, AUTHENTICATION, UNREACHABLE, OUTBOX. For a returned e-mail: the status that the report names, such as 5.1.1, else a reply code, else BOUNCED.',
      resolve: ({ failureCode }) => failureCode ?? '',
    }),
    reason: t.field({
      type: 'String',
      description: 'The reason in words: the reply of the mail server, or what is missing.',
      resolve: ({ failureReason }) => failureReason ?? '',
    }),
    recipient: t.field({
      type: 'String',
      nullable: true,
      description: 'The address that a returned e-mail could not reach; null if none was named.',
      resolve: ({ failureRecipient }) => failureRecipient,
    }),
    isPermanent: t.field({
      type: 'Boolean',
      description:
        'Whether another attempt would fail as well. If not, further attempts are made automatically for two days.',
      resolve: ({ failureIsPermanent }) => failureIsPermanent ?? false,
    }),
  }),
});

const MailAddress = builder.objectRef<MailParticipant>('MailAddress').implement({
  ...scoped('conversations:read'),
  description: 'A sender or recipient of a message.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true, description: 'The name; null if there is none.' }),
    address: t.exposeString('address', { description: 'The e-mail address.' }),
  }),
});

const MailAuthenticationResult = defineEnum('MailAuthenticationResult', {
  description: 'The result of a method that authenticates the sender of an e-mail, as RFC 8601 defines it.',
  values: {
    NONE: { description: 'There was nothing to check: no record, no signature.' },
    PASS: { description: 'The check succeeded: the sender is authentic.' },
    FAIL: { description: 'The check failed: the sender is not authentic.' },
    SOFTFAIL: { description: 'SPF: the sender is probably not authentic.' },
    NEUTRAL: { description: 'The domain makes no statement, or the signature could not be read.' },
    POLICY: { description: 'DKIM: the signature is valid, but the server that checked it does not accept it.' },
    TEMPERROR: { description: 'A temporary error prevented the check, such as a failure of the name service.' },
    PERMERROR: { description: 'A permanent error prevented the check, such as an invalid record.' },
  },
});

const resultOf = (method: 'SPF' | 'DKIM' | 'DMARC', about: string) =>
  ({
    type: MailAuthenticationResult,
    nullable: true,
    description: `${about} Null if no trusted server reports a result for ${method}.`,
  }) as const;

const MailAuthentication = builder.objectRef<MailAuthenticationOf>('MailAuthentication').implement({
  ...scoped('conversations:read'),
  description: 'The authentication results of trusted mail servers for the sender of an e-mail.',
  fields: (t) => ({
    spf: t.expose('spf', resultOf('SPF', 'Whether the sending host may send for the domain of the envelope.')),
    dkim: t.expose(
      'dkim',
      resultOf('DKIM', 'Whether a domain has signed it: PASS if at least one signature is valid.'),
    ),
    dmarc: t.expose('dmarc', resultOf('DMARC', 'Whether the message is authentic for the domain in `from`.')),
  }),
});

export const Message = builder.prismaNode('Message', {
  description: 'One message of a conversation. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    conversation: t.relation('conversation', { description: 'The conversation that the message belongs to.' }),
    direction: t.expose('direction', { type: MessageDirection, description: 'The direction.' }),
    isInternal: t.exposeBoolean('internal', { description: 'True for a note that only agents see.' }),
    author: t.variant(MessageAuthor, { description: 'The author.' }),
    text: t.exposeString('text', { description: 'The content as plain text.' }),
    html: t.field({
      type: 'String',
      nullable: true,
      description:
        'The content as sanitised HTML, which is safe to show: it has only text, images, links and layout, and no scripts or forms. Images have the URLs that the author gave; those that came with the e-mail have links that expire, like url of its attachments. Null if there is no HTML.',
      select: { workspaceId: true, version: true, html: true },
      resolve: (message, _args, { services, loaders }) =>
        htmlToShow(message, {
          links: services.files.links,
          attachmentsOf: (id) => loaders.attachments.ofMessage.load(id),
        }),
    }),
    textWithoutQuote: t.string({
      description:
        'What the author wrote, as plain text: without the mails that the text quotes, and without a signature. The whole text if nothing else is left.',
      select: { text: true },
      resolve: ({ text }) => ownText(text),
    }),
    preview: t.exposeString('preview', {
      description: 'The beginning of the text, at most 140 characters on one line.',
    }),
    status: t.expose('status', { type: MessageStatus, description: 'The status.' }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: 'The id in another system, unique in the workspace; null if there is none.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the mail server accepted the e-mail; null if it has not, or if the message is not sent by e-mail.',
    }),
    sendAttempts: t.exposeInt('sendAttempts', { description: 'How many attempts were made to send the e-mail.' }),
    failure: t.variant(MessageFailure, {
      description: 'Why the last attempt to send the e-mail failed; null if it did not.',
      // MessageFailure selects this column.
      isNull: (message) => (message as Partial<MessageRow>).failureCode === null,
    }),
    emailMessageId: t.exposeString('emailMessageId', {
      nullable: true,
      description:
        'The Message-ID of the inbound or outbound e-mail, without angle brackets; null if the message is no e-mail.',
    }),
    rawUrl: t.field({
      type: 'String',
      nullable: true,
      description:
        'A link to the inbound e-mail byte for byte, as it came, which needs no key and expires after one to two hours; null if the message came by no e-mail, or if it is not stored.',
      select: { workspaceId: true, rawDigest: true },
      resolve: ({ workspaceId, id, rawDigest }, _args, { services }) =>
        rawDigest === null ? null : services.files.links.urlOf(workspaceId, id),
    }),
    from: t.field({
      type: MailAddress,
      nullable: true,
      description: 'The sender of the inbound e-mail; null for other messages.',
      select: { participants: true },
      resolve: ({ participants }) => participantsOf(participants).from,
    }),
    to: t.field({
      type: [MailAddress],
      description: 'The recipients of the e-mail; empty if the message is no e-mail.',
      select: { participants: true },
      resolve: ({ participants }) => participantsOf(participants).to,
    }),
    cc: t.field({
      type: [MailAddress],
      description: 'The Cc recipients of the e-mail.',
      select: { participants: true },
      resolve: ({ participants }) => participantsOf(participants).cc,
    }),
    bcc: t.field({
      type: [MailAddress],
      description: 'The Bcc recipients of the outbound e-mail, whom the other recipients do not see.',
      select: { participants: true },
      resolve: ({ participants }) => participantsOf(participants).bcc,
    }),
    replyTo: t.field({
      type: [MailAddress],
      description: 'The Reply-To addresses of the inbound e-mail; empty if replies go to the address in from.',
      select: { participants: true },
      resolve: ({ participants }) => participantsOf(participants).replyTo,
    }),
    authentication: t.field({
      type: MailAuthentication,
      nullable: true,
      description:
        'The authentication results of mail servers that the operator trusts (MAIL_AUTHSERV_IDS) for the sender of the e-mail; null if there are none.',
      select: { spf: true, dkim: true, dmarc: true },
      resolve: authenticationOf,
    }),
    isAutomatic: t.exposeBoolean('isAutomatic', {
      description:
        'True if a program wrote the e-mail: an out-of-office note, a bounce, a newsletter. Do not answer it automatically.',
    }),
    isTruncated: t.exposeBoolean('isTruncated', {
      description: 'True if the text or HTML of the e-mail was too long and was cut.',
    }),
    version: t.exposeInt('version', {
      description:
        'Counts edits, which only internal notes have. Pass it as ifVersion so that an edit made in between is not overwritten.',
    }),
    sentAt: t.expose('sentAt', { type: 'DateTime', description: 'When it was sent; messages are sorted by it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was stored.' }),
    editedAt: t.expose('editedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an internal note was last edited; null if it never was.',
    }),
  }),
});

const MessageConnection = connectionType('Message', Message);

const messageArguments = listArguments(messageList);

builder.queryField('message', (t) =>
  t.field({
    type: Message,
    nullable: true,
    description: 'One message; null if there is none with this id. Needs conversations:read.',
    authScopes: { scope: 'conversations:read' },
    args: { id: t.arg.id({ required: true, description: 'A global or plain id.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.byId('Message').load(readId('Message', id, ['id'])),
  }),
);

builder.prismaObjectField(Conversation, 'messages', (t) =>
  t.field({
    type: MessageConnection,
    description: 'The messages from the first to the latest; last: 3 returns the latest three.',
    select: { id: true },
    args: messageArguments,
    resolve: ({ id }, args, { loaders }, info) =>
      loaders.conversations.messages({ ...args, select: selectedInPage(info, 'Message') }).load(id),
  }),
);
