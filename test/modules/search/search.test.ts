import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { SearchDeskQuery, SearchDeskQueryVariables } from '../../generated/graphql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { addMessage, startConversation, upsertCustomer } from './documents.js';

let testApp: TestApp;
let desk: Desk;

const people = [
  { name: 'Jane Doe', email: 'jane.doe@example.com', externalId: 'usr_4711', phone: '+1-555-0123' },
  { name: 'Janet Frame', email: 'frame@books.test' },
  { name: 'Mary Jane', email: 'mj@web.test' },
  { name: 'Jan', email: 'jan@three.test' },
  { name: 'Chloé Søndergård', email: 'cs@north.test' },
  { name: 'Иван Жуков', email: 'ivan@east.test' },
  { name: 'Catherine Smith', email: 'catherine@example.com' },
  { name: 'John Smith', email: 'john@smiths.test' },
  { name: 'Zoë <b>Bold</b> O’Hara', email: 'zoe@web.test' },
];

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  const { services } = testApp;
  for (const person of people) await services.customers.upsert(desk.operator, person);
  const talk = async (email: string, subject: string, ...texts: string[]) => {
    const [text = '', ...more] = texts;
    const { conversation } = await services.conversations.start(desk.operator, { email, subject, text });
    for (const next of more)
      await services.messages.add(desk.operator, { conversationId: conversation.id, text: next });
  };
  await talk('jane.doe@example.com', 'Billing question', 'Where is my refund?', 'The refund was sent.', 'Thank you!');
  await talk('john@smiths.test', 'Refunding', 'Are refunds possible?', 'Yes, see https://desk.test/refund-policy.');
  await talk('cs@north.test', 'Café crème', 'Bitte an die Straße 12 liefern', 'Erledigt');
});
afterAll(() => testApp.close());

const searchDesk = graphql(`
  query SearchDesk($query: String!, $types: [SearchType!], $first: Int) {
    search(query: $query, types: $types, first: $first) {
      contacts {
        score
        node { name customer { externalId } }
        highlights { field fragments { parts { text isMatch } } }
      }
      conversations { score node { subject } highlights { field fragments { parts { text isMatch } } } }
      messages { score node { text conversation { subject } } highlights { field fragments { parts { text isMatch } } } }
    }
  }
`);

const search = async (query: string, rest: Partial<SearchDeskQueryVariables> = {}, by = desk) =>
  (await by.run(searchDesk, { query, ...rest })).search;
const names = async (query: string) => (await search(query)).contacts?.map(({ node }) => node.name);
const subjects = async (query: string) => (await search(query)).conversations?.map(({ node }) => node.subject);
const texts = async (query: string) => (await search(query)).messages?.map(({ node }) => node.text);

type Hits = SearchDeskQuery['search']['contacts'];
/** The highlights as text: found words in brackets, fragments joined by a bar. */
const marked = (hits: Pick<NonNullable<Hits>[number], 'highlights'>[] | null | undefined) =>
  hits?.map(({ highlights }) =>
    highlights.map(({ field, fragments }) => {
      const passages = fragments.map(({ parts }) => parts.map((part) => (part.isMatch ? `[${part.text}]` : part.text)));
      return `${field}: ${passages.map((parts) => parts.join('')).join(' | ')}`;
    }),
  );

describe('contacts are found', () => {
  test('by the beginning of a word of their name, in the order of how well it fits', async () => {
    const [best, ...others] = (await names('jan')) ?? [];
    expect(best).toBe('Jan');
    expect(others.sort()).toEqual(['Jane Doe', 'Janet Frame', 'Mary Jane']);
    const withTheWord = (await names('jane')) ?? [];
    expect(withTheWord.slice(0, 2).sort()).toEqual(['Jane Doe', 'Mary Jane']);
    expect(withTheWord.slice(2)).toEqual(['Janet Frame', 'Jan']);
  });

  test('by all words of the query, in any order and of any field', async () => {
    expect(await names('doe jane')).toEqual(['Jane Doe']);
    expect(await names('jane example')).toEqual(['Jane Doe']);
    expect(await names('jane zzz')).toEqual([]);
  });

  test('by e-mail address, externalId and phone number, whole or in part', async () => {
    for (const query of [
      'JANE.DOE@example.com',
      'jane.doe@',
      'usr_4711',
      '4711',
      '+1-555-0123',
      '555 0123',
      '15550123',
    ]) {
      expect(await names(query), query).toEqual(['Jane Doe']);
    }
  });

  test('first of all by the whole of a field', async () => {
    const { contacts } = await search('jan');
    expect(contacts?.map(({ score }) => score)).toEqual([1, ...Array(3).fill(expect.any(Number))]);
    const scores = contacts?.map(({ score }) => score) ?? [];
    expect(scores).toEqual([...scores].sort((one, other) => other - one));
    expect(Math.max(...scores.slice(1))).toBeLessThan(1);
  });

  test('without accents, with others, and in any case', async () => {
    for (const query of ['chloe', 'CHLOÉ', 'chlo\u0065\u0301', 'sondergard', 'SØNDERGÅRD', 'Chloë']) {
      expect(await names(query), query).toEqual(['Chloé Søndergård']);
    }
    for (const query of ['иван', 'ИВАН', 'жук']) expect(await names(query), query).toEqual(['Иван Жуков']);
  });

  test('with typing errors, behind those who fit', async () => {
    expect(await names('Jonh')).toEqual(['John Smith']);
    expect(await names('jhon smiht')).toEqual(['John Smith']);
    expect(await names('Katherine')).toEqual(['Catherine Smith']);
    expect(await names('catherin@exmaple.com')).toEqual(['Catherine Smith']);
    expect(await names('Chleo')).toEqual(['Chloé Søndergård']);
    const { contacts } = await search('smith');
    expect(contacts?.map(({ node }) => node.name).sort()).toEqual(['Catherine Smith', 'John Smith']);
    await testApp.services.customers.upsert(desk.operator, { externalId: 'usr_smit', name: 'Sally Smitt' });
    const hits = (await search('smith')).contacts;
    expect(hits?.at(-1)).toMatchObject({ node: { name: 'Sally Smitt' } });
    expect(hits?.at(-1)?.score).toBeLessThan(0.3);
  });

  test('but not by a word that is merely alike', async () => {
    expect(await names('johannes')).toEqual([]);
    expect(await names('dow')).toEqual([]);
  });

  test('unless they were deleted or merged', async () => {
    const { customer } = await testApp.services.customers.upsert(desk.operator, { externalId: 'x', name: 'Quentin' });
    const update = (data: object) =>
      testApp.database.prisma.customer.update({
        where: { workspaceId_id: { workspaceId: desk.workspaceId, id: customer.id } },
        data,
      });
    await update({ archivedAt: new Date() });
    for (const query of ['Quentin', 'quen', 'Quentni']) expect(await names(query), query).toEqual(['Quentin']);
    await update({ deletedAt: new Date() });
    for (const query of ['Quentin', 'quen', 'Quentni', 'x']) expect(await names(query), query).toEqual([]);
  });
});

describe('conversations and messages are found', () => {
  test('by words of subject and preview, the subject counting more', async () => {
    expect(await subjects('refund')).toEqual(['Refunding']);
    expect(await subjects('thank')).toEqual(['Billing question']);
    expect(await subjects('cafe CREME')).toEqual(['Café crème']);
  });

  test('by words of the text, whole words before beginnings, also inside of addresses', async () => {
    const found = await texts('refund');
    expect(found?.slice(0, 3).sort()).toEqual([
      'The refund was sent.',
      'Where is my refund?',
      'Yes, see https://desk.test/refund-policy.',
    ]);
    expect(found?.slice(3)).toEqual(['Are refunds possible?']);
    expect(await texts('strasse 12')).toEqual(['Bitte an die Straße 12 liefern']);
    expect(await texts('policy')).toEqual(['Yes, see https://desk.test/refund-policy.']);
  });

  test('with what belongs to them', async () => {
    const { messages } = await search('liefern');
    expect(messages).toMatchObject([{ node: { conversation: { subject: 'Café crème' } } }]);
  });
});

describe('a hit shows', () => {
  test('the words that were found as they are written, field by field', async () => {
    expect(marked((await search('jane exam')).contacts)).toEqual([
      ['NAME: [Jane] Doe', 'EMAIL: [jane].doe@[example].com'],
    ]);
    expect(marked((await search('sonder')).contacts)).toEqual([['NAME: Chloé [Søndergård]']]);
    expect(marked((await search('jonh')).contacts)).toEqual([['NAME: [John] Smith', 'EMAIL: [john]@smiths.test']]);
    expect(marked((await search('strasse')).messages)).toEqual([['TEXT: Bitte an die [Straße] 12 liefern']]);
  });

  test('plain text, in which markup is text like any other', async () => {
    expect(marked((await search('bold zoe')).contacts)).toEqual([
      ['NAME: [Zoë] <b>[Bold]</b> O’Hara', 'EMAIL: [zoe]@web.test'],
    ]);
  });

  test('passages of a long text', async () => {
    const { services } = testApp;
    const filling = 'lorem ipsum 👋 '.repeat(40);
    await services.conversations.start(desk.operator, {
      email: 'long@web.test',
      text: `${filling}needle ${filling}needles, ${filling}noodle ${filling}needle ${filling}needle`,
    });
    const [passages = ''] = marked((await search('needle')).messages)?.[0] ?? [];
    expect(passages.match(/\[needles?\]/g)).toEqual(['[needle]', '[needles]', '[needle]']);
    expect(passages.split(' | ')).toHaveLength(3);
    expect(passages.length).toBeLessThan(600);
    expect(passages).not.toMatch(/\p{Surrogate}/u);
  });
});

describe('a search finds a change as soon as it was answered', () => {
  test('of names, subjects, previews and messages', async () => {
    const fresh = await testApp.createDesk();
    const found = async (query: string) => {
      const { contacts, conversations, messages } = await search(query, {}, fresh);
      return [contacts?.length, conversations?.length, messages?.length];
    };
    expect(await found('peculiar')).toEqual([0, 0, 0]);
    await fresh.run(upsertCustomer, { input: { email: 'p@web.test', name: 'Paula Peculiar' } });
    expect(await found('peculiar')).toEqual([1, 0, 0]);
    const input = { email: 'p@web.test', subject: 'Something peculiar', text: 'Most peculiar indeed' };
    const { startConversation: started } = await fresh.run(startConversation, { input });
    expect(await found('peculiar')).toEqual([1, 1, 1]);
    const conversationId = started.conversation?.id ?? '';
    await fresh.run(addMessage, { input: { conversationId, text: 'Even uncanny' } });
    expect(await found('uncanny')).toEqual([0, 1, 1]);
    await fresh.run(upsertCustomer, { input: { email: 'p@web.test', name: 'Paula Plain' } });
    expect(await found('peculiar')).toEqual([0, 1, 1]);
  });
});
