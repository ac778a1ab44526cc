import type { SchemaTypes } from '../../graphql/schema/builder.js';
import { CustomerStatus, Sentiment } from './customer.types.js';

/** The input fields that the mutations of customers share. */

export type InputBuilder = PothosSchemaTypes.InputFieldBuilder<SchemaTypes, 'InputObject'>;

/** The fields of a customer as a write takes them. */
export const customerFieldInputs = (t: InputBuilder) => ({
  externalId: t.string({
    description: "The workspace's own id, unique there. A customer known by e-mail alone takes it; null empties it.",
  }),
  email: t.string({ description: 'The address, unique in the workspace whatever its case; null empties it.' }),
  name: t.string({ description: 'What the person is called, at most 255 characters; null empties it.' }),
  phone: t.string({ description: 'A number in any form, at most 64 characters; null empties it.' }),
  avatarUrl: t.string({ description: 'The http or https URL of a picture; null empties it.' }),
  status: t.field({ type: CustomerStatus, description: 'Whether the customer is suspended.' }),
  sentiment: t.field({ type: Sentiment, description: 'The mood.' }),
  notes: t.string({ description: 'Notes for agents, at most 10,000 characters; null empties them.' }),
  tags: t.stringList({ description: 'All tags from now on: at most 50 of at most 64 characters.' }),
  metadata: t.field({
    type: 'JSONObject',
    description: 'Merged into what is stored at the top level; a null value removes its key. At most 16 KiB in all.',
  }),
});

export const ifVersionInput = (t: InputBuilder) =>
  t.int({ description: 'Refuses the change when the customer is not at this version any more.' });

export const onlyIdentifiedInput = (t: InputBuilder) =>
  t.boolean({ description: 'Whether a customer without an externalId is not meant: NOT_FOUND. False when left out.' });
