import type { ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { maxTextLength } from '../../db/lists/filter.js';
import { maxTerms, type SearchQuery } from '../../db/lists/search.js';
import type {
  Conversation as ConversationRow,
  Customer as CustomerRow,
  Message as MessageRow,
} from '../../generated/prisma/client.js';
import { costs } from '../../graphql/limits/cost.js';
import { builder, type SchemaTypes } from '../../graphql/schema/builder.js';
import { nullWhenHidden, scoped } from '../../graphql/schema/scopes.js';
import { selectedInHits } from '../../graphql/schema/selection.js';
import { forgiven, mistypings } from '../../lib/text/words.js';
import { Contact } from '../contact/contact.types.js';
import { Conversation } from '../conversation/conversation.types.js';
import { Message } from '../conversation/message/message.types.js';
import {
  type HighlightFragment as Fragment,
  highlight,
  maxFragments,
  type HighlightPart as Part,
  readLength,
  wholeLength,
} from './highlight.js';
import {
  defaultHits,
  type Hit,
  maxHits,
  type Search,
  type SearchType as SearchTypeValue,
  searchScopes,
  type Term,
} from './search.service.js';
import { rankedMatches } from './word-search.js';

const SearchType = builder.enumType('SearchType', {
  description: 'The types of objects that can be searched.',
  values: {
    CONTACT: { description: 'Contacts, by name, e-mail address, externalId, phone and id. Needs customers:read.' },
    CONVERSATION: {
      description:
        'Conversations, by subject, the preview of their latest message, externalId and id; with customers:read also by their contact. Needs conversations:read.',
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
  description: 'A part of a text, which matches the query or not.',
  fields: (t) => ({
    text: t.exposeString('text', {
      description: 'Plain text as stored, without escaping or markup. Escape it where you show it.',
    }),
    isMatch: t.exposeBoolean('isMatch', { description: 'True for a matching word.' }),
  }),
});

const HighlightFragment = builder.objectRef<Fragment>('HighlightFragment').implement({
  description: 'A passage with matching words. Its parts joined in order are the passage.',
  fields: (t) => ({
    parts: t.field({
      type: [HighlightPart],
      description: 'The parts of the passage, split at the matching words.',
      resolve: ({ parts }) => parts,
    }),
  }),
});

interface HighlightShape {
  field: Field;
  fragments: Fragment[];
}

const Highlight = builder.objectRef<HighlightShape>('Highlight').implement({
  description: 'The matches of the query in one field of a hit.',
  fields: (t) => ({
    field: t.expose('field', { type: SearchField, description: 'The field with the matches.' }),
    fragments: t.field({
      type: [HighlightFragment],
      description: `The whole field when it has at most ${wholeLength} characters, else at most ${maxFragments} passages from its first ${readLength.toLocaleString('en')} characters.`,
      resolve: ({ fragments }) => fragments,
    }),
  }),
});

interface FoundHit<Row> extends Hit<Row> {
  query: SearchQuery;
}

/** The columns whose texts are searched, by the field that shows them. */
type Searched<Row> = Partial<Record<Field, keyof Row & string>>;

/** Defines the GraphQL type of a hit. */
function hitType<Row extends object>(
  name: string,
  type: SearchTypeValue,
  node: ObjectRef<SchemaTypes, { id: string }>,
  searched: Searched<Row>,
): ObjectRef<SchemaTypes, FoundHit<Row>> {
  return builder.objectRef<FoundHit<Row>>(name).implement({
    description: `A ${name.replace('SearchHit', '').toLowerCase()} that matches the query.`,
    ...scoped(searchScopes[type]),
    fields: (t) => ({
      node: t.field({ type: node, description: 'The matching object.', resolve: ({ row }) => row as never }),
      score: t.exposeFloat('score', {
        description:
          'The quality of the match, from 0 to 1, comparable within a group. 1: a whole field matches; from 0.6: whole words match; from 0.3: beginnings of words match; below 0.3: words match with typing errors.',
      }),
      highlights: t.field({
        type: [Highlight],
        description: 'The matches by field.',
        resolve: ({ row, query, score }) =>
          Object.entries(searched).flatMap(([field, column]) => {
            const text = row[column];
            const fragments = highlight(typeof text === 'string' ? text : '', query, (word) =>
              query.terms.some((term) => matches(term, word, score < 0.3)),
            );
            return fragments.length > 0 ? [{ field: field as Field, fragments }] : [];
          }),
      }),
    }),
  });
}

const matches = ({ folded, mayBegin, isRun }: Term, word: string, misspelled: boolean): boolean =>
  !isRun &&
  ((mayBegin ? word.startsWith(folded) : word === folded) ||
    (misspelled && mistypings(folded, word, forgiven(folded)) <= forgiven(folded)));

const searchedOf = {
  CONTACT: { NAME: 'name', EMAIL: 'email', EXTERNAL_ID: 'externalId', PHONE: 'phone' } satisfies Searched<CustomerRow>,
  CONVERSATION: { SUBJECT: 'subject', PREVIEW: 'lastMessagePreview' } satisfies Searched<ConversationRow>,
  MESSAGE: { TEXT: 'text' } satisfies Searched<MessageRow>,
} satisfies Record<SearchTypeValue, Searched<never>>;

const ContactHit = hitType<CustomerRow>('ContactSearchHit', 'CONTACT', Contact, searchedOf.CONTACT);
const ConversationHit = hitType<ConversationRow>(
  'ConversationSearchHit',
  'CONVERSATION',
  Conversation,
  searchedOf.CONVERSATION,
);
const MessageHit = hitType<MessageRow>('MessageSearchHit', 'MESSAGE', Message, searchedOf.MESSAGE);

/** The selection that a group of hits must read of its rows. */
const selectedOf = (info: GraphQLResolveInfo, type: SearchTypeValue, node: 'Contact' | 'Conversation' | 'Message') =>
  selectedInHits(info, node, Object.values(searchedOf[type]));

const group = (what: string): string =>
  `${what}, the best match first; null when not searched, because types does not include them or the key may not read them.`;

const withQuery = async <Row>({ query }: Search, hits: Promise<Hit<Row>[]>): Promise<FoundHit<Row>[]> =>
  (await hits).map((hit) => ({ ...hit, query }));

const SearchResults = builder.objectRef<Search>('SearchResults').implement({
  description: 'The hits of a search by type. A type that is not selected is not searched.',
  fields: (t) => ({
    contacts: t.field({
      type: [ContactHit],
      nullable: true,
      ...nullWhenHidden(),
      description: group(
        'Contacts, including archived ones, with some typing errors in names and e-mail addresses allowed',
      ),
      resolve: (search, _args, { services, caller }, info) =>
        search.types.has('CONTACT')
          ? withQuery(search, services.search.contacts(caller, search, selectedOf(info, 'CONTACT', 'Contact')))
          : null,
    }),
    conversations: t.field({
      type: [ConversationHit],
      nullable: true,
      ...nullWhenHidden(),
      description: group('Conversations, including archived ones'),
      resolve: (search, _args, { services, caller }, info) =>
        search.types.has('CONVERSATION')
          ? withQuery(
              search,
              services.search.conversations(caller, search, selectedOf(info, 'CONVERSATION', 'Conversation')),
            )
          : null,
    }),
    messages: t.field({
      type: [MessageHit],
      nullable: true,
      ...nullWhenHidden(),
      description: group('Messages'),
      resolve: (search, _args, { services, caller }, info) =>
        search.types.has('MESSAGE')
          ? withQuery(search, services.search.messages(caller, search, selectedOf(info, 'MESSAGE', 'Message')))
          : null,
    }),
  }),
});

/** The points of a search in addition to its hits: as many as a large page of a list. */
const searchPoints = 500;

builder.queryField('search', (t) =>
  t.field({
    type: SearchResults,
    description: `Searches contacts, conversations and messages by words. All words of the query must match, regardless of case and accents; each may be the beginning of a longer word. Numbers match in any spelling, and parts of runs in scripts without blanks. The newest ${rankedMatches} matches of each type are sorted by score, then by time, the newest first. Changes can be found as soon as they are committed. Needs the scope of each requested type.`,
    authScopes: { anyKey: true },
    ...costs(searchPoints),
    args: {
      query: t.arg.string({
        required: true,
        description: `The words to search: at most ${maxTextLength.toLocaleString('en')} characters. Words after the first ${maxTerms} are ignored. A text without letters and digits matches nothing. There are no operators.`,
      }),
      types: t.arg({
        type: [SearchType],
        description: 'The types to search; all that the key may read when left out.',
      }),
      first: t.arg.int({
        description: `The number of hits of each type, 0 to ${maxHits}; ${defaultHits} when left out.`,
      }),
    },
    resolve: (_root, args, { services, caller }) => services.search.prepare(caller, args),
  }),
);
