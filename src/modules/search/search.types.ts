import type { ObjectRef } from '@pothos/core';
import type {
  Conversation as ConversationRow,
  Customer as CustomerRow,
  Message as MessageRow,
} from '../../generated/prisma/client.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder, type SchemaTypes } from '../../graphql/schema/builder.js';
import { forgiven, mistypings } from '../../lib/text/words.js';
import { Contact } from '../contact/contact.types.js';
import { Conversation } from '../conversation/conversation.types.js';
import { Message } from '../conversation/message/message.types.js';
import { type HighlightFragment as Fragment, highlight, type HighlightPart as Part } from './highlight.js';
import type { Hit, Search, SearchType as SearchTypeValue, Term } from './search.service.js';

const SearchType = builder.enumType('SearchType', {
  description: 'What can be searched.',
  values: {
    CONTACT: { description: 'Contacts, by name, e-mail address, externalId and phone. Needs customers:read.' },
    CONVERSATION: {
      description: 'Conversations, by subject and the preview of their latest message. Needs conversations:read.',
    },
    MESSAGE: { description: 'Messages and internal notes, by their text. Needs conversations:read.' },
  } satisfies Record<SearchTypeValue, object>,
});

type Field = 'NAME' | 'EMAIL' | 'EXTERNAL_ID' | 'PHONE' | 'SUBJECT' | 'PREVIEW' | 'TEXT';

const SearchField = builder.enumType('SearchField', {
  description: 'The field in which a hit was found.',
  values: {
    NAME: { description: 'The name of a contact.' },
    EMAIL: { description: 'The e-mail address of a contact.' },
    EXTERNAL_ID: { description: "The workspace's own id of a contact." },
    PHONE: { description: 'The phone number of a contact.' },
    SUBJECT: { description: 'The subject of a conversation.' },
    PREVIEW: { description: 'The beginning of the latest message of a conversation.' },
    TEXT: { description: 'The text of a message.' },
  } satisfies Record<Field, object>,
});

const HighlightPart = builder.objectRef<Part>('HighlightPart').implement({
  description: 'A piece of text that is marked or is not.',
  fields: (t) => ({
    text: t.exposeString('text', {
      description: 'Plain text as it is stored, nothing escaped and no markup added: escape it for where it is shown.',
    }),
    isMatch: t.exposeBoolean('isMatch', { description: 'True for a word that was found.' }),
  }),
});

const HighlightFragment = builder.objectRef<Fragment>('HighlightFragment').implement({
  description: 'A passage with words that were found: its parts in their order, which joined give the passage.',
  fields: (t) => ({
    parts: t.field({
      type: [HighlightPart],
      description: 'The passage, cut where a found word begins or ends.',
      resolve: ({ parts }) => parts,
    }),
  }),
});

interface HighlightShape {
  field: Field;
  fragments: Fragment[];
}

const Highlight = builder.objectRef<HighlightShape>('Highlight').implement({
  description: 'Where the words of the query stand in one field of a hit.',
  fields: (t) => ({
    field: t.expose('field', { type: SearchField, description: 'The field that holds them.' }),
    fragments: t.field({
      type: [HighlightFragment],
      description:
        'The whole field when it has at most 160 characters, else at most three passages from its first 20,000 characters.',
      resolve: ({ fragments }) => fragments,
    }),
  }),
});

interface FoundHit<Row> extends Hit<Row> {
  terms: readonly Term[];
}

/** The type of a hit; `fields` are the texts of a row that are searched. */
function hitType<Row>(
  name: string,
  node: ObjectRef<SchemaTypes, { id: string }>,
  fields: (row: Row) => Partial<Record<Field, string | null>>,
): ObjectRef<SchemaTypes, FoundHit<Row>> {
  return builder.objectRef<FoundHit<Row>>(name).implement({
    description: `A ${name.replace('Search', '').replace('Hit', '').toLowerCase()} that was found.`,
    fields: (t) => ({
      node: t.field({ type: node, description: 'What was found.', resolve: ({ row }) => row as never }),
      score: t.exposeFloat('score', {
        description:
          'How well it fits, from 0 to 1; comparable within a group. 1: a whole field; from 0.6: the words; from 0.3: words that begin so; below: misspelt.',
      }),
      highlights: t.field({
        type: [Highlight],
        description: 'Where the words stand, field by field.',
        resolve: ({ row, terms, score }) =>
          Object.entries(fields(row)).flatMap(([field, text]) => {
            const fragments = highlight(text ?? '', (word) => terms.some((term) => matches(term, word, score < 0.3)));
            return fragments.length > 0 ? [{ field: field as Field, fragments }] : [];
          }),
      }),
    }),
  });
}

const matches = ({ folded, mayBegin }: Term, word: string, misspelt: boolean): boolean =>
  (mayBegin ? word.startsWith(folded) : word === folded) ||
  (misspelt && mistypings(folded, word, forgiven(folded)) <= forgiven(folded));

const ContactHit = hitType<CustomerRow>('ContactSearchHit', Contact, ({ name, email, externalId, phone }) => ({
  NAME: name,
  EMAIL: email,
  EXTERNAL_ID: externalId,
  PHONE: phone,
}));

const ConversationHit = hitType<ConversationRow>('ConversationSearchHit', Conversation, (conversation) => ({
  SUBJECT: conversation.subject,
  PREVIEW: conversation.lastMessagePreview,
}));

const MessageHit = hitType<MessageRow>('MessageSearchHit', Message, ({ text }) => ({ TEXT: text }));

const group = (what: string): string =>
  `${what}, the best first; null when they were not searched: types left them out, or was left out and the key may not read them.`;

const withTerms = async <Row>({ query }: Search, hits: Promise<Hit<Row>[]>): Promise<FoundHit<Row>[]> =>
  (await hits).map((hit) => ({ ...hit, terms: query.terms }));

const SearchResults = builder.objectRef<Search>('SearchResults').implement({
  description: 'What a search found, grouped by type. A group that is not selected costs nothing.',
  fields: (t) => ({
    contacts: t.field({
      type: [ContactHit],
      nullable: true,
      description: group('Contacts, archived ones too, with typing errors in names and e-mail addresses forgiven'),
      resolve: (search, _args, { services, caller }) =>
        search.types.has('CONTACT') ? withTerms(search, services.search.contacts(caller, search)) : null,
    }),
    conversations: t.field({
      type: [ConversationHit],
      nullable: true,
      description: group('Conversations, archived ones too'),
      resolve: (search, _args, { services, caller }) =>
        search.types.has('CONVERSATION') ? withTerms(search, services.search.conversations(caller, search)) : null,
    }),
    messages: t.field({
      type: [MessageHit],
      nullable: true,
      description: group('Messages'),
      resolve: (search, _args, { services, caller }) =>
        search.types.has('MESSAGE') ? withTerms(search, services.search.messages(caller, search)) : null,
    }),
  }),
});

/** What looking for words takes beside the hits: as much as a large page of a list. */
const searchPoints = 500;

builder.queryField('search', (t) =>
  t.field({
    type: SearchResults,
    description:
      'Looks for words in contacts, conversations and messages. All words of the query must be found, whatever their case and accents; each may be the beginning of a longer word. Ranked are the newest 200 matches of a group: how well they fit, then the newest first. A change is found as soon as it is written. Needs the scope of each type asked for.',
    authScopes: { anyKey: true },
    ...costs(searchPoints),
    args: {
      query: t.arg.string({
        required: true,
        description:
          'What to look for: at most 1,000 characters and 32 words, at least one letter or digit. No operators.',
      }),
      types: t.arg({ type: [SearchType], description: 'Which groups; all that the key may read when left out.' }),
      first: t.arg.int({ description: 'How many hits in each group: 1 to 50, 10 when nothing is said.' }),
    },
    resolve: (_root, args, { services, caller }) => services.search.prepare(caller, args),
  }),
);
