import { builder } from '../../../graphql/schema/builder.js';
import { defineMutation } from '../../../graphql/schema/mutation.js';
import { ifVersionInput, onlyIdentifiedInput } from '../customer.fields.types.js';
import type { DeletedCustomer, DeletionReceiptEntry as ReceiptEntry } from './customer.deletion.js';

const DeletionMode = builder.enumType('DeletionMode', {
  description: 'What deleting a customer leaves behind.',
  values: {
    PURGE: {
      description:
        'Nothing of the customer, its conversations, messages, clicks and conversions but events without personal data.',
    },
    SCRUB: {
      description:
        'The rows, without what says who it was: its names, tags, notes and metadata, the subjects of its conversations, and the words and attachments of inbound messages and internal notes. What the team sent stays, and so do conversions, and clicks without their URLs.',
    },
  } satisfies Record<DeletedCustomer['mode'], object>,
});

const DeletionAction = builder.enumType('DeletionAction', {
  description: 'What a deletion did to rows.',
  values: {
    REMOVED: { description: 'They are gone.' },
    BLANKED: { description: 'They are there, without personal data.' },
  } satisfies Record<ReceiptEntry['action'], object>,
});

export const DeletionReceiptEntry = builder.objectRef<ReceiptEntry>('DeletionReceiptEntry').implement({
  description: 'What a deletion did to the rows of one kind.',
  fields: (t) => ({
    table: t.exposeString('table', {
      description:
        'What the rows are: Customer, CustomerMerge, Conversation, Message, Click, Conversion or DomainEvent.',
    }),
    action: t.expose('action', { type: DeletionAction, description: 'What was done to them.' }),
    count: t.exposeInt('count', { description: 'How many there were; 0 when there was nothing to do.' }),
  }),
});

defineMutation('deleteCustomer', {
  description:
    'Deletes a person for good: the customer, and all that were merged into it. Afterwards no query finds it, and its externalId and e-mail are free. Needs customers:write.',
  scope: 'customers:write',
  input: (t) => ({
    id: t.id({ required: true, description: 'The customer or contact.' }),
    mode: t.field({ type: DeletionMode, required: true, description: 'What is to stay.' }),
    ifVersion: ifVersionInput(t),
    onlyIdentified: onlyIdentifiedInput(t),
  }),
  resolve: ({ services, caller }, input) => services.customers.delete(caller, input),
  payload: (t) => ({
    deletedId: t.id({
      nullable: true,
      description: 'The plain id of the customer that was deleted: the survivor when the given one had been merged.',
      resolve: ({ deletedId }) => deletedId,
    }),
    deletedUuid: t.string({
      nullable: true,
      description: 'The uuid of that customer.',
      resolve: ({ deletedUuid }) => deletedUuid,
    }),
    mode: t.field({
      type: DeletionMode,
      nullable: true,
      description: 'How it was deleted.',
      resolve: ({ mode }) => mode,
    }),
    receipt: t.field({
      type: [DeletionReceiptEntry],
      nullable: true,
      description: 'What was removed or blanked, kind by kind.',
      resolve: ({ receipt }) => receipt,
    }),
  }),
});
