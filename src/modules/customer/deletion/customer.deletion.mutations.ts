import { builder } from '../../../graphql/schema/builder.js';
import { nameInput } from '../../../graphql/schema/input.js';
import { defineMutation, type PayloadField } from '../../../graphql/schema/mutation.js';
import { deleteCustomerInput, type DeletionMode as Mode } from '../customer.input.js';
import type { DeletionReceiptEntry as ReceiptEntry } from './erasure.receipt.js';

const DeletionMode = nameInput(
  'DeletionMode',
  builder.enumType('DeletionMode', {
    description: 'What remains after a customer is deleted.',
    values: {
      PURGE: {
        description:
          'Only events without personal data. The customer, its conversations, messages, clicks and conversions are removed. What names the person in other texts of the workspace is masked.',
      },
      SCRUB: {
        description:
          'All rows, without personal data. Removed are names, tags, notes and metadata of the customer, subjects of conversations, text and attachments of inbound messages and internal notes, the contents of all stored files and e-mails, and the URLs of clicks. Messages that the team sent and conversions remain; what names the person in them and in other texts of the workspace is masked. Open conversations are closed, and mails that wait are not sent.',
      },
    } satisfies Record<Mode, object>,
  }),
);

const DeletionAction = builder.enumType('DeletionAction', {
  description: 'What a deletion did to rows.',
  values: {
    REMOVED: { description: 'The rows were removed.' },
    BLANKED: { description: 'The rows remain, without personal data.' },
    MASKED: { description: 'The rows remain; "[redacted]" stands where they named the person.' },
  } satisfies Record<ReceiptEntry['action'], object>,
});

const DeletionReceiptEntry = builder.objectRef<ReceiptEntry>('DeletionReceiptEntry').implement({
  description: 'What a deletion did to one kind of rows or files.',
  fields: (t) => ({
    table: t.exposeString('table', {
      description:
        'The table, such as Customer, Message or DomainEvent (the audit log); IdempotencyRecord for kept answers, WebhookAttempt for what endpoints answered, QueuedMail for mails that waited to be sent, MailFile for files in the outbox directory, StoredFile for the contents of files and e-mails. StoredFile, RejectedMail, BlockedSender, Link and Upload stand there only where there were some.',
    }),
    action: t.expose('action', { type: DeletionAction, description: 'What was done to the rows.' }),
    count: t.exposeInt('count', { description: 'The number of rows; 0 when there was nothing to do.' }),
  }),
});

export const deletedId: PayloadField = {
  type: 'ID',
  description: 'The plain id of the deleted customer; of the survivor when the given one was merged into it.',
};
export const receipt: PayloadField = {
  type: [DeletionReceiptEntry],
  description: 'What was removed or blanked, by table.',
};

defineMutation('deleteCustomer', {
  description:
    'Deletes a person permanently: the customer and all that were merged into it. Afterwards no query finds it, and its externalId and e-mail can be used again. Needs customers:write.',
  scope: 'customers:write',
  input: deleteCustomerInput,
  resolve: ({ services, caller }, input) => services.customers.delete(caller, input),
  payload: {
    deletedId,
    deletedUuid: { type: 'String', description: 'The uuid of that customer.' },
    mode: { type: DeletionMode, description: 'How it was deleted.' },
    receipt,
  },
});
