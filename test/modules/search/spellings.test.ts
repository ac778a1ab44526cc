import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';

/** What people type finds what others wrote, whatever the spelling; and nothing else. */

let testApp: TestApp;
let desk: Desk;

/** A text, what finds it, and what must not. */
const cases: [text: string, found: string[], not: string[]][] = [
  [
    '+1-415-777-0288',
    [
      '+1-415-777-0288',
      '(415) 777-0288',
      '001 415 777 0288',
      '001-415-777-0288',
      'tel:+14157770288',
      '+14157770288',
      '14157770288',
      '4157770288',
      '415.777.0288',
      '777-0288',
      '7770288',
      '777 0288',
      '0415 777 0288',
      '+1 (415) 777-0288',
    ],
    ['415 777 0289', '7770289'],
  ],
  ['(212) 555-0143', ['+1 212 555 0143', '001 212 5550143', '2125550143', '5550143', 'tel:+12125550143'], []],
  [
    '0171 1234567',
    ['+49 171 1234567', '0049 171 1234567', '+49 (0)171 1234567', '01711234567', '1234567'],
    ['1234568'],
  ],
  ['+49 (0) 30 901820', ['030 901820', '+4930901820', '0049 30 901820'], []],
  ['+44 20 7946 0958', ['020 7946 0958', '02079460958', '79460958', '+44 (0)20 7946 0958'], []],
  ['0081 3-1234-8765', ['03-1234-8765', '+81312348765', '12348765', '1234 8765'], []],
  ['ABC-12', ['ABC12', 'abc-12', 'ABC 12', 'abc_12', 'abc1'], ['ABC13']],
  ['XYZ77', ['XYZ-77', 'xyz.77', 'XYZ/77'], ['XYZ-78']],
  ['05145-8841815', ['051458841815', '05145-8841815', '05145 8841815', '8841815'], []],
  ['900012345678', ['9000-1234-5678', '9000 1234 5678', '2345678'], []],
  ['INV-2024-0099', ['INV20240099', 'inv/2024/0099', '2024-0099', '20240099'], []],
  ['SN 12-345-678/B9', ['12345678B9', '12-345-678-b9'], []],
  [
    'It cost $1,299.50 in all',
    ['1299', '$1,299.50', '1299.50', '1,299.50', '1.299,50', "1'299.50"],
    ['1300', '$1,299.60'],
  ],
  ['Sie zahlten 2.345,00 €', ['2345', '2,345.00', '2345.00', '$2,345', '2 345,00 €'], []],
  ['A total of 8765', ['8,765', '$8,765.00', '8.765,00', '8765'], ['8,766']],
  ["We can't log in", ['cant', "can't", 'can’t', 'canʼt', 'can`t', 'can´t'], []],
  ['They dont answer', ["don't", 'don’t', 'dont'], []],
  ['Madame L’Hôpital', ['lhopital', "l'hopital", 'hopital', 'L’HÔPITAL'], []],
  ['the co-operation', ['cooperation', 'co-operation', 'co operation'], []],
  ['我想退款', ['退款', '想退', '款', '我想退款', '我'], ['款退', '货']],
  ['田中太郎', ['太郎', '田中', '中太郎', '郎'], ['郎太']],
  ['ｼｽﾃﾑエラー発生', ['システム', 'エラー', '発生'], []],
  ['결제가 안됩니다', ['결제', '됩니다', '안됩'], ['됩결']],
  ['ฉันต้องการคืนเงินด่วน', ['คืนเงิน', 'เงิน', 'ต้องการ'], ['เงินบาท']],
  ['ຂ້ອຍຕ້ອງການເງິນຄືນ', ['ເງິນຄືນ', 'ຕ້ອງການ'], []],
  ['ខ្ញុំចង់បានប្រាក់វិញ', ['ប្រាក់', 'ចង់បាន'], []],
  ['ကျွန်တော်ငွေပြန်လိုချင်သည်', ['ငွေပြန်', 'လိုချင်'], []],
  ['我的iPhone手机壳', ['手机', 'iphone', 'iPhone手机', '手机壳'], []],
  ['أريد اِسترجاع المبلغ', ['مبلغ', 'المبلغ', 'استرجاع', 'اريد', 'إسترجاع'], ['بلاغ']],
  ['مُحَمَّد أحمد', ['محمد', 'احمد', 'أحمد', 'إحمد'], []],
  ['كتاب مدرسة', ['الكتاب', 'المدرسه', 'والكتاب', 'مدرسة'], []],
  ['פְּגִישָׁה חֲדָשָׁה', ['פגישה', 'חדשה'], []],
  ['שלום עולם', ['שָׁלוֹם', 'עוֹלָם'], []],
  ['ＦＵＬＬ－９９ width', ['full99', 'FULL-99', 'ｆｕｌｌ'], []],
  ['الطلب رقم ٤٥٦٧٨٩٠١', ['45678901', '٤٥٦٧٨٩٠١', '4567 8901'], []],
  ['a re\u00adfund\u200bable fare', ['refundable'], []],
];

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  for (const [place, [text]] of cases.entries()) {
    const email = `writer${String.fromCharCode(97 + Math.floor(place / 26), 97 + (place % 26))}@web.test`;
    await testApp.services.conversations.start(desk.operator, { email, subject: text, text: `Well: ${text}!` });
    await testApp.services.customers.upsert(desk.operator, {
      email,
      name: text,
      ...(/^[+(\d]/.test(text) && { phone: text }),
    });
  }
});
afterAll(() => testApp.close());

const document = `query ($query: String!) {
  search(query: $query, first: 50) {
    contacts { node { name } }
    conversations { node { subject } }
    messages { node { text } }
  }
  customers(filter: { query: $query }) { nodes { name } }
  contactsList: contacts(filter: { query: $query }) { nodes { name } }
  conversationsList: conversations(filter: { query: $query }) { nodes { subject } }
}`;

interface Found {
  search: Record<'contacts' | 'conversations' | 'messages', { node: Record<string, string> }[]>;
}

async function find(query: string): Promise<Record<string, (string | undefined)[]>> {
  const { data, errors } = await ask(testApp, desk, document, { query });
  expect(errors, query).toBeUndefined();
  const { search, ...lists } = data as Found & Record<string, { nodes: Record<string, string>[] }>;
  return {
    ...Object.fromEntries(
      Object.entries(search).map(([name, hits]) => [name, hits.map(({ node }) => Object.values(node)[0])]),
    ),
    ...Object.fromEntries(
      Object.entries(lists).map(([name, { nodes }]) => [
        `${name} by filter`,
        nodes.map((node) => Object.values(node)[0]),
      ]),
    ),
  };
}

const finds = cases.flatMap(([text, found]) => found.map((query) => ({ text, query })));
const misses = cases.flatMap(([text, , not]) => not.map((query) => ({ text, query })));

test.each(finds)('$query finds $text', async ({ text, query }) => {
  for (const [where, texts] of Object.entries(await find(query))) {
    expect(
      texts.some((one) => one?.includes(text.normalize('NFC'))),
      `${where}: ${texts.join(' | ')}`,
    ).toBe(true);
  }
});

test.each(misses)('$query does not find $text', async ({ text, query }) => {
  for (const [where, texts] of Object.entries(await find(query))) {
    // Contacts are found by misspelt names, too.
    if (where !== 'contacts')
      expect(
        texts.filter((one) => one?.includes(text)),
        where,
      ).toEqual([]);
  }
});

describe('what fits better comes first:', () => {
  test('an exact run before its scattered parts', async () => {
    const start = (subject: string) =>
      testApp.services.conversations.start(desk.operator, { email: 'rank@web.test', subject, text: '-' });
    await start('請求書の再発行');
    await start('再発請求、求書、書の再、行。発行');
    const { data } = await ask(
      testApp,
      desk,
      '{ search(query: "請求書の再発行") { conversations { score node { subject } } } }',
    );
    const hits = (data as { search: { conversations: { score: number; node: { subject: string } }[] } }).search
      .conversations;
    expect(hits.map(({ node }) => node.subject)).toEqual(['請求書の再発行', '再発請求、求書、書の再、行。発行']);
    expect(hits[0]?.score).toBeGreaterThanOrEqual(0.6);
    expect(hits[1]?.score).toBeLessThan(0.6);
  });
});

test('a hit shows what fits as it is written', async () => {
  const marked = async (query: string) => {
    const { data } = await ask(
      testApp,
      desk,
      `query ($query: String!) { search(query: $query) { messages { highlights { fragments { parts { text isMatch } } } } } }`,
      { query },
    );
    const { messages } = (
      data as {
        search: { messages: { highlights: { fragments: { parts: { text: string; isMatch: boolean }[] }[] }[] }[] };
      }
    ).search;
    return messages.map(({ highlights }) =>
      highlights[0]?.fragments[0]?.parts.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join(''),
    );
  };
  expect(await marked('退款')).toEqual(['Well: 我想[退款]!']);
  expect(await marked('xyz-77')).toEqual(['Well: [XYZ77]!']);
  expect(await marked('abc12')).toEqual(['Well: [ABC-12]!']);
  expect(await marked('cant')).toEqual(["Well: We [can't] log in!"]);
  expect(await marked('2125550143')).toEqual(['Well: [(212) 555-0143]!']);
  expect(await marked('محمد')).toEqual(['Well: [مُحَمَّد] أحمد!']);
});
