import { builder } from '../../../graphql/schema/builder.js';
import { databaseId, node } from '../../../graphql/schema/node.js';
import { Message } from '../message/message.types.js';

const MessageAttachment = builder.prismaNode('MessageAttachment', {
  description: 'A file that belongs to a message: what is known of it, and where it lies. Needs conversations:read.',
  ...node({ scope: 'conversations:read' }),
  fields: (t) => ({
    databaseId: t.exposeID('id', databaseId),
    url: t.exposeString('url', {
      nullable: true,
      description:
        'Where the file lies, as it was given: an http or https URL. Null when it came with an e-mail, of whose files only this is kept.',
    }),
    fileName: t.exposeString('fileName', { description: 'What the file is called.' }),
    contentType: t.exposeString('contentType', {
      nullable: true,
      description: 'The media type, such as image/png, in lower case; null when it was not given.',
    }),
    sizeBytes: t.exposeInt('sizeBytes', {
      nullable: true,
      description: 'Its length in bytes; null when it was not given.',
    }),
  }),
});

builder.prismaObjectField(Message, 'attachments', (t) =>
  t.field({
    type: [MessageAttachment],
    description:
      'The files that belong to it in the order they were given in: at most 20, or 100 of an e-mail that came in.',
    select: { id: true },
    resolve: (message, _args, { loaders }) => loaders.attachments.ofMessage.load(message.id),
  }),
);

/** A file of a message that is taken in; the service checks its values. */
export const MessageAttachmentInput = builder.inputType('MessageAttachmentInput', {
  description: 'A file that belongs to a message: what is known of it, and where it lies.',
  fields: (t) => ({
    url: t.string({
      required: true,
      description: 'Where the file lies: an http or https URL of at most 2,000 characters.',
    }),
    fileName: t.string({ required: true, description: 'What the file is called, at most 255 characters.' }),
    contentType: t.string({ description: 'The media type, such as image/png.' }),
    sizeBytes: t.int({ description: 'Its length in bytes.' }),
  }),
});
