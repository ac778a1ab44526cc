import { describe, expect, test } from 'vitest';
import { topicOf } from '../../../src/lib/mail/subject.js';

describe('what a subject is about', () => {
  test.each([
    ['Where is my parcel?', null],
    ['Re: Where is my parcel?', 'ANSWER'],
    ['Re : Where is my parcel?', 'ANSWER'],
    ['RE: AW: SV: Where is my parcel?', 'ANSWER'],
    ['Re[3]: Where is my parcel?', 'ANSWER'],
    ['Re(2): Where is my parcel?', 'ANSWER'],
    ['[External] Re: WHERE is  my parcel?', 'ANSWER'],
    ['Re: [EXT] Where is my parcel?', 'ANSWER'],
    ['Re: Fwd: Where is my parcel?', 'ANSWER'],
    ['Fwd: Where is my parcel?', 'FORWARD'],
    ['WG: Re: Where is my parcel?', 'FORWARD'],
    ['转发：Where is my parcel?', 'FORWARD'],
    ['Abwesenheitsnotiz: Where is my parcel?', 'ANSWER'],
    ['Out of Office: Where is my parcel?', 'ANSWER'],
  ])('%s', (subject, kind) => {
    expect(topicOf(subject)).toMatchObject({ topic: 'where is my parcel?', kind });
  });

  test.each([null, '', 'Re:', 'Re: Question', 'AW: (kein Betreff)', 'RE: Hello!', 'Re: ???', '回复：订单'])(
    'is nothing in %s',
    (subject) => expect(topicOf(subject).topic).toBeNull(),
  );

  test.each(['Reply to my question', 'Representation: a draft', 'Rex: a dog', '[Ticket 5] Parcel'])(
    'is all of %s',
    (subject) => expect(topicOf(subject)).toMatchObject({ topic: subject.toLowerCase(), kind: null }),
  );
});
