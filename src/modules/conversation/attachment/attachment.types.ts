import { builder } from '../../../graphql/schema/builder.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { maxMailAttachments } from '../message/mail/message.bounds.js';
import { Message } from '../message/message.types.js';
import { maxAttachments } from './attachment.input.js';

const MessageAttachment = builder.prismaNode('MessageAttachment', {
  description: 'A file that belongs to a message. The file itself is not stored here. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    url: t.exposeString('url', {
      nullable: true,
      description:
        'The address of the file: an http or https URL. Null for a file of an inbound e-mail, whose content is not stored.',
    }),
    fileName: t.exposeString('fileName', { description: 'The name of the file.' }),
    contentType: t.exposeString('contentType', {
      nullable: true,
      description: 'The media type, such as image/png, in lower case; null if it is not known.',
    }),
    sizeBytes: t.exposeInt('sizeBytes', {
      nullable: true,
      description: 'The length in bytes; null if it is not known.',
    }),
  }),
});

builder.prismaObjectField(Message, 'attachments', (t) =>
  t.field({
    type: [MessageAttachment],
    description: `The files that belong to the message, in their order: at most ${maxAttachments}, or ${maxMailAttachments} of an inbound e-mail.`,
    select: { id: true },
    resolve: (message, _args, { loaders }) => loaders.attachments.ofMessage.load(message.id),
  }),
);
