import { builder } from '../../../graphql/schema/builder.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { maxMailAttachments } from '../message/mail/message.bounds.js';
import { Message } from '../message/message.types.js';
import { maxAttachments } from './attachment.input.js';
import { urlOfAttachment } from './attachment.links.js';

const MessageAttachment = builder.prismaNode('MessageAttachment', {
  description: 'A file that belongs to a message. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    url: t.field({
      type: 'String',
      nullable: true,
      description:
        'The URL of the file. For a file that came with an e-mail or was uploaded: a link that needs no key and expires after one to two hours; query it again then. For others: the http or https URL that was given. Null if its content is not stored.',
      select: { workspaceId: true, digest: true, url: true },
      resolve: (attachment, _args, { services }) => urlOfAttachment(services.files.links, attachment),
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
