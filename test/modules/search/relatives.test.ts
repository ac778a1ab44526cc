import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';

/** What people type finds what others wrote: further spellings, of the same kinds as in `spellings.test.ts`. */

let testApp: TestApp;
let desk: Desk;

/** A text, what finds it, and what must not. */
const cases: [text: string, found: string[], not: string[]][] = [
  // Numbers of phones.
  ['01 23 45 67 89', ['+33 1 23 45 67 89', '0123456789', '01.23.45.67.89', '0033123456789', '3456789'], ['3456788']],
  ['090-1234-5678', ['+81 90 1234 5678', '+819012345678', '09012345678', '1234-5678'], []],
  ['+39 06 698 12345', ['06 69812345', '+390669812345', '0669812345', '9812345'], []],
  ['+7 495 123-45-67', ['8 (495) 123-45-67', '84951234567', '(495) 123-45-67', '123-45-67'], []],
  ['+36 1 268 9123', ['06 1 268 9123', '0612689123', '2689123'], []],
  ['(02) 9374 4000', ['+61 2 9374 4000', '0293744000', '93744000'], []],
  ['+91 98765 43210', ['098765 43210', '98765-43210', '9876543210', '00919876543210', 'tel:+91-98765-43210'], []],
  ['(11) 91234-5670', ['+55 11 91234-5670', '5511912345670', '912345670', '011 91234-5670'], []],
  ['0711/8266310', ['+49 711 8266310', '07118266310', '8266310', '0711 / 82 66 310'], []],
  ['+41\u00a044\u202f668\u201118\u201100', ['044 668 18 00', '0446681800', '+41 44 6681800', '668 18 00'], []],
  ['tel:+1-201-555-0199;ext=4', ['2015550199', '+1 (201) 555-0199', '555-0199'], []],
  ['００４４ ２０ ７１２３ ４５６７', ['+44 20 7123 4567', '020 7123 4567'], []],
  ['call me: +31(0)20-6262100 please', ['020 6262100', '+31206262100', '6262100'], []],
  ['+1 800 555 0100 ext. 42', ['800-555-0100', '1-800-555-0100 x42', '+18005550100;ext=7', '8005550100 ext 42'], []],
  ['Tel. 0800/1234568', ['\u202a0800 1234568\u202c', '08001234568', '\u20660800-1234-568\u2069'], []],
  // Numbers of orders and things.
  [
    'GB29 NWBK 6016 1331 9268 19',
    ['GB29NWBK60161331926819', 'gb29nwbk60161331926819', 'GB29NWBK'],
    ['GB29NWBK60161331926818'],
  ],
  ['to DE89 3704 0044 0532 0130 11 by Friday', ['DE89370400440532013011', 'de89 3704 0044 0532 0130 11'], []],
  ['FR1420041010050500013M02606', ['FR14 2004 1010 0505 0001 3M02 606', 'fr14 2004 1010'], []],
  ['NO93 8601 1117 947', ['NO9386011117947'], []],
  ['SW1A 1AA', ['sw1a1aa', 'SW1A1AA'], []],
  ['K1A0B1', ['K1A 0B1', 'k1a 0b1'], []],
  ['1012 AB Amsterdam', ['1012ab', '1012 AB'], []],
  ['1013CD', ['1013 CD'], []],
  ['VAT DE 123 456 789', ['DE123456789', '123456789'], []],
  ['NINO QQ 12 34 56 C', ['QQ123456C', 'QQ 12 34 56 C'], []],
  ['by 0171 765 4321 only', ['TEL 0171 765 4321', '0171 765 4321'], []],
  ['Track 1Z 999 AA1 01 2345 6784', ['1Z999AA10123456784', '1z 999 aa1 01 2345 6784'], []],
  ['A0-1B-2C-3D-4E-5F', ['A0:1B:2C:3D:4E:5F', 'a01b2c3d4e5f'], []],
  ['device B0:1B:2C:3D:4E:5F', ['B0-1B-2C-3D-4E-5F', 'b01b2c3d4e5f', 'b01b.2c3d.4e5f'], []],
  ['PO#88-17/4', ['PO 88-17/4', '88174', '88-17-4'], []],
  ['35-209900-176148-1', ['352099001761481', '35 209900 176148 1'], []],
  ['DE89 3704 0044 0532 0130 00', ['de89 3704 0044 0532 0130 00', '3704 0044 0532 0130 00', '370400440532013000'], []],
  ['978-3-16-148410-0', ['9783161484100', '978 3 16 148410 0'], []],
  ['RMA_2024_77', ['RMA202477', 'rma-2024-77', 'rma 2024 77', 'RMA/2024/77'], ['RMA202478']],
  ['K9.LM.44', ['K9LM44', 'k9-lm-44', 'k9/lm/44'], []],
  ['TICKET 5550001112', ['5550001112', '555-000-1112', '555 000 1112'], []],
  // Amounts.
  ['Wir zahlten 3\u202f299,50 €', ['3299,50', '3,299.50', '$3,299.50', '3299', '3.299,50'], ['3299,60']],
  ['Only 4,299.70', ['4 299,70', '4299,70'], ['4 299,80']],
  ["CHF 12'345.60", ['12345.60', '12,345.60', '12345', '12’345.60'], []],
  ['¥12,000 each', ['12000', '12.000', '￥12,000', '12,000.00'], []],
  ['Only £46', ['46', '£46.00', '46.00', '46,00'], []],
  ['minus $307.5', ['307.50', '307,5', '$307.5', '307'], []],
  ['₹1,23,456.00', ['123456', '1,23,456', '123,456.00', '123456.00'], ['1,23,457']],
  ['٣٬٤٥٦٫٧٨ ر.س', ['3456.78', '3,456.78', '3456'], []],
  ['Rs 234567', ['2,34,567', '2,34,567.00'], []],
  // Signs within words.
  ['made in the U.S.A. today', ['usa', 'U.S.A.', 'u.s.a'], []],
  ['a Ph.D. thesis', ['phd', 'ph.d', 'Ph.D.'], []],
  ['an NGO there', ['n.g.o.', 'ngo'], []],
  ['Qurʾān', ['quran', "qur'an", 'Qurʿan'], []],
  ['Paral·lel', ['parallel', 'paraŀlel', 'paral·lel'], []],
  ['Donau\u00addampf\u00adschiff', ['donaudampfschiff', 'Donaudampf'], []],
  ["Rock'n'Roll forever", ['rocknroll', 'rock’n’roll'], []],
  ["They're late", ['theyre', 'they’re', "they're"], []],
  ['my e-mail', ['email', 'e-mail', 'e‑mail'], []],
  ['Patrick O’Brien', ['obrien', "o'brien", 'O´Brien', 'OBRIEN'], []],
  ["J'aime l'eau", ['eau', "l'eau", 'jaime'], []],
  // Scripts without blanks.
  ['請開立統一發票', ['發票', '統一', '開立'], ['票發']],
  ['ﾊﾟｿｺﾝが壊れた', ['パソコン', 'ﾊﾟｿｺﾝ', '壊れた'], []],
  ['第3号の請求', ['請求', '第3号'], []],
  ['환불해 주세요', ['환불', '환불'.normalize('NFD'), '주세요'], []],
  ['ขอคืนสินค้าเสียหาย', ['สินค้า', 'เสียหาย', 'คืนสินค้า'], ['สินเชื่อ']],
  ['ສິນຄ້າເສຍຫາຍ', ['ສິນຄ້າ', 'ເສຍຫາຍ'], []],
  ['ទំនិញខូចខាត', ['ទំនិញ', 'ខូចខាត'], []],
  ['ပစ္စည်းပျက်စီးနေတယ်', ['ပစ္စည်း', 'ပျက်စီး'], []],
  ['支払いはPayPalです', ['paypal', '支払い', '払い'], []],
  ['นํ้าตาลทราย', ['น้ำตาล', 'นํ้า', 'ทราย'], []],
  ['ジョン・スミス', ['ジョンスミス', 'スミス', 'ジョン・スミス', 'ｼﾞｮﾝ･ｽﾐｽ'], []],
  ['テストマーケット', ['テスト・マーケット'], []],
  ['ㄅㄆㄇㄈ', ['ㄇㄈ', 'ㄅㄆ'], []],
  ['葛\u{e0100}城市', ['葛城', '城市'], []],
  ['ﾃﾞｰﾀﾍﾞｰｽ㈱', ['データ', 'ベース', '株'], []],
  ['东京Tokyo大厦123号', ['tokyo', '大厦', '123'], []],
  ['৭৮৯০১২৩ টাকা', ['7890123', '৭৮৯'], []],
  // Stored as some programs send it.
  ['ガイドライン'.normalize('NFD'), ['ガイド', 'イン'], []],
  ['한국어로'.normalize('NFD'), ['한국', '국어'], []],
  ['Crème brûlée'.normalize('NFD'), ['crème', 'brulee', 'BRÛLÉE'], []],
  // Arabic, Persian, Hebrew.
  ['דו״ח שנתי', ['דוח', 'דו"ח', 'דו״ח', 'דו”ח', "דו''ח"], []],
  ['מנכל החברה', ['מנכ"ל', 'מנכ״ל', 'מנכל'], []],
  ['ארה"ב', ['ארהב', 'ארה״ב'], ['ארהג']],
  ['صورۃ ہے', ['صورة', 'صوره'], []],
  ['هذا شيء مهم', ['شئ', 'شىء', 'شيء'], []],
  ['شاطئ البحر', ['شاطىء', 'شاطيء', 'شاطئ'], []],
  ['می\u200cخواهم', ['میخواهم', 'می خواهم', 'می\u200cخواهم', 'خواهم'], []],
  ['الاشتراك الشهري', ['اشتراك', 'الإشتراك', 'إشتراك', 'شهري'], []],
  ['مـــرحبا بكم', ['مرحبا'], []],
  ['کتاب فارسی', ['كتاب', 'فارسي', 'کتاب'], []],
  ['مسؤول المبيعات', ['مسئول', 'مسؤول', 'مبيعات'], []],
  ['בֵּית־סֵפֶר', ['בית ספר', 'בית-ספר', 'ספר'], []],
  ['חברת צה״ל', ['צה"ל', 'צה״ל'], []],
  // Letters.
  ['Ħamrun Ŋuyen', ['hamrun', 'nuyen', 'ħamrun'], []],
  ['#️⃣hash', ['hash'], []],
  ['I❤️NY', ['ny', 'I❤NY'], []],
  ['½ kg of H₂O', ['1/2', 'h2o'], []],
  ['Nguyễn Thị Hồng', ['nguyen', 'thi hong', 'NGUYỄN'], []],
  ['Łódź Straße', ['lodz', 'strasse', 'STRASSE', 'straße'], []],
  ['İstanbul ISPARTA', ['istanbul', 'ISTANBUL', 'isparta', 'ıstanbul'], []],
  ['ΟΔΥΣΣΕΥΣ', ['οδυσσευς', 'οδυσσευσ', 'Οδυσσεύς'], []],
  ['Παπαδόπουλος', ['ΠΑΠΑΔΟΠΟΥΛΟΣ', 'παπαδοπουλος', 'Παπαδόπουλος'], []],
  ['شؤون الطلبة', ['شئون', 'الشؤون'], []],
  ['Фёдор', ['федор', 'ФЁДОР', 'Фёдор'.normalize('NFD')], []],
  ['the oﬃce №5', ['office', 'OFFICE'], []],
  ['Ægir Þórsson', ['aegir', 'thorsson', 'ÞÓRSSON'], []],
  ['हिन्दी में', ['हिन्दी'], []],
];

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  for (const [place, [text]] of cases.entries()) {
    const email = `relative${String.fromCharCode(97 + Math.floor(place / 26), 97 + (place % 26))}@web.test`;
    await testApp.services.conversations.start(desk.operator, { email, subject: text, text: `Well: ${text}!` });
    await testApp.services.customers.upsert(desk.operator, { email, name: text });
  }
});
afterAll(() => testApp.close());

const document = `query ($query: String!) {
  search(query: $query, first: 50) {
    contacts { node { name } }
    conversations { node { subject } }
    messages { node { text } highlights { fragments { parts { text isMatch } } } }
  }
  customers(filter: { query: $query }) { nodes { name } }
  conversationsList: conversations(filter: { query: $query }) { nodes { subject } }
}`;

interface Hit {
  node: Record<string, string>;
  highlights?: { fragments: { parts: { isMatch: boolean }[] }[] }[];
}

async function find(query: string): Promise<Record<string, string[]>> {
  const { data, errors } = await ask(testApp, desk, document, { query });
  expect(errors, query).toBeUndefined();
  const { search, ...lists } = data as {
    search: Record<string, Hit[]>;
  } & Record<string, { nodes: Record<string, string>[] }>;
  const found: [string, string[]][] = [];
  for (const [name, hits] of Object.entries(search))
    found.push([name, hits.flatMap(({ node }) => Object.values(node))]);
  for (const [name, { nodes }] of Object.entries(lists as Record<string, { nodes: Record<string, string>[] }>))
    found.push([`${name} by filter`, nodes.flatMap((node) => Object.values(node))]);
  const marked = search.messages?.filter(({ highlights = [] }) =>
    highlights.some(({ fragments }) => fragments.some(({ parts }) => parts.some(({ isMatch }) => isMatch))),
  );
  found.push(['what is marked', marked?.flatMap(({ node }) => Object.values(node)) ?? []]);
  return Object.fromEntries(found);
}

test.each(cases)('%s is found', async (text, finds, misses) => {
  const wrong: string[] = [];
  for (const query of finds) {
    for (const [where, texts] of Object.entries(await find(query))) {
      if (!texts.some((one) => one.normalize('NFC').includes(text.normalize('NFC'))))
        wrong.push(`${query} finds nothing in ${where}`);
    }
  }
  for (const query of misses) {
    for (const [where, texts] of Object.entries(await find(query))) {
      // Contacts are found by misspelt names, too.
      if (where !== 'contacts' && texts.some((one) => one.includes(text))) wrong.push(`${query} finds it in ${where}`);
    }
  }
  expect(wrong).toEqual([]);
});
