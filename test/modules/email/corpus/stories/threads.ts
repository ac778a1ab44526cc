import { afterAnswer, comes, type MailStory, say } from './story.js';

/** By what a mail finds its conversation. */

const byId: MailStory[] = [
  afterAnswer('In-Reply-To', { 'In-Reply-To': '<$answer>' }),
  afterAnswer('In-Reply-To without brackets', { 'In-Reply-To': '$answer' }),
  afterAnswer('In-Reply-To among words', { 'In-Reply-To': 'Message of Friday from Help <$answer>' }),
  afterAnswer('In-Reply-To in the case of another host', { 'In-Reply-To': '<$ANSWER>' }),
  afterAnswer('a folded In-Reply-To', { 'In-Reply-To': '\r\n <$answer>' }),
  afterAnswer('References alone', { References: '<nowhere%@x.example> <$answer>' }),
  afterAnswer('References without brackets', { References: 'nowhere%@x.example $answer' }),
  afterAnswer('References of which only the first is known', { References: '<$first> <a%@x.example> <b%@x.example>' }),
  afterAnswer('References in many lines', { References: '<$first>\r\n\t<a%@x.example>\r\n <$answer>' }),
  afterAnswer('In-Reply-To that points nowhere beside References', {
    'In-Reply-To': '<nowhere%@x.example>',
    References: '<$first>',
  }),
  afterAnswer('another subject', { 'In-Reply-To': '<$answer>', Subject: 'By the way' }),
  afterAnswer('another sender', { 'In-Reply-To': '<$answer>', From: 'omar%@x.example' }),
  afterAnswer('another recipient', { 'In-Reply-To': '<$answer>', To: 'nobody@elsewhere.example' }),
  {
    name: 'two conversations, of which In-Reply-To names one',
    steps: [
      comes('first'),
      comes('second', { Subject: 'Another question %' }),
      comes('last', { 'In-Reply-To': '<$second>', References: '<$first>' }, { thread: 'second', unread: 2 }),
    ],
  },
];

const ses = '0102018f%a1b2c3d4-e5f60718-2930-4a5b-8c6d-7e8f90a1b2c3-000000';
const exchange = 'DB7PR04MB5%12345678901ABCDEF@DB7PR04MB5.eurprd04.prod.example';
const passedOn = (as: string) => ({ passedOnAs: as, by: 'answer' });

const byRelay: MailStory[] = [
  afterAnswer(
    'the id of SES',
    { 'In-Reply-To': `<${ses}@eu-west-1.amazonses.com>` },
    undefined,
    undefined,
    passedOn(ses),
  ),
  afterAnswer(
    'the id of SES in References',
    { References: `<${ses}@email.amazonses.com>` },
    undefined,
    undefined,
    passedOn(ses),
  ),
  afterAnswer('the id of Exchange', { 'In-Reply-To': `<${exchange}>` }, undefined, undefined, passedOn(exchange)),
  afterAnswer(
    'the id of Exchange in lower case',
    { 'In-Reply-To': `<${exchange.toLowerCase()}>` },
    undefined,
    undefined,
    passedOn(exchange),
  ),
  afterAnswer(
    'the id of another mail of SES',
    { 'In-Reply-To': `<${ses.replace('-2930-', '-2931-')}@email.amazonses.com>`, Subject: 'New %' },
    {},
    undefined,
    passedOn(ses),
  ),
];

const lost = { 'In-Reply-To': '<lost%@x.example>' };
const answersIn = [
  'Re: ',
  'RE: ',
  'AW: ',
  'Antw: ',
  'SV: ',
  'VS: ',
  'R: ',
  'RES: ',
  'Rép : ',
  'Odp: ',
  'YNT: ',
  'Vá: ',
  'Отв: ',
  'ΑΠ: ',
  '回复：',
  '答复: ',
  '返信: ',
  '회신: ',
  'Re[2]: ',
  'Re: AW: Re: ',
  '[EXT] Re: ',
];

const bySubject: MailStory[] = [
  ...answersIn.map((prefix) =>
    afterAnswer(`a subject that begins with ${prefix.trim()}`, { Subject: `${prefix}Parcel % is late` }),
  ),
  afterAnswer(
    'a subject that begins with Automatic reply:',
    { Subject: 'Automatic reply: Parcel % is late' },
    { thread: 'first', isAutomatic: true, unread: 0 },
  ),
  afterAnswer('the same subject and an id that points nowhere', lost),
  afterAnswer('the same subject in another case', { ...lost, Subject: 'PARCEL % IS LATE' }),
  afterAnswer('the same subject and no sign of an answer', {}, {}),
  afterAnswer('the same subject, passed on', { ...lost, Subject: 'Fwd: Parcel % is late' }, {}),
  afterAnswer('another subject and an id that points nowhere', { ...lost, Subject: 'Re: Parcel %0 is late' }, {}),
  afterAnswer('the same subject of somebody else', { Subject: 'Re: Parcel % is late', From: 'eve%@x.example' }, {}),
  afterAnswer(
    'the same subject of an agent',
    { Subject: 'Re: Parcel % is late', From: 'ben@desk.test', To: 'jane%@x.example, help@desk.test' },
    { direction: 'OUTBOUND', unread: 0 },
  ),
  afterAnswer('the same subject at another channel', { Subject: 'Re: Parcel % is late', To: 'sales@desk.test' }, {}),
  afterAnswer('the same subject after six days', { Subject: 'Re: Parcel % is late' }, undefined, undefined, {
    daysAgo: 6,
    of: 'first',
  }),
  afterAnswer('the same subject after eight days', { Subject: 'Re: Parcel % is late' }, {}, undefined, {
    daysAgo: 8,
    of: 'first',
  }),
  {
    name: 'the same subject of somebody who was in Cc',
    steps: [
      comes('first', { Cc: 'Omar <Omar%@x.example>' }),
      comes('last', { Subject: 'Re: Parcel % is late', From: 'omar%@x.example' }, { thread: 'first', unread: 2 }),
    ],
  },
  {
    name: 'a subject that everybody has',
    steps: [comes('first', { Subject: 'Question' }), comes('last', { Subject: 'Re: Question' })],
  },
  {
    name: 'no subject',
    steps: [comes('first', { Subject: '' }), comes('last', { ...lost, Subject: 'Re:' })],
  },
  {
    name: 'two conversations of one subject, of which the later one goes on',
    steps: [
      comes('first'),
      comes('second', {}, {}, 'The other parcel.'),
      say('answer', 'second'),
      comes('last', { Subject: 'Re: Parcel % is late' }, { thread: 'second', unread: 2 }),
    ],
  },
];

export const threads: readonly MailStory[] = [...byId, ...byRelay, ...bySubject];
