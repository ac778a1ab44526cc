import { type CorpusMail, mailOf, parts } from './corpus.js';

/** What programs write in the languages of the world: that nobody is there, that a mail came back, that it was read. */

const absences = [
  'Out of Office AutoReply: Where',
  '[Auto-Reply] Where',
  'Absence du bureau : Where',
  'Abwesend: Where',
  'Afwezig: Where',
  'Fuera de la oficina: Where',
  'Fuori sede: Where',
  'Automatikus válasz: Where',
  'Răspuns automat: Where',
  'Automatická odpoveď: Where',
  'Automatski odgovor: Where',
  'Samodejni odgovor: Where',
  'Automātiska atbilde: Where',
  'Automatinis atsakymas: Where',
  'Automaatne vastus: Where',
  'Otomatik Yanıt: Where',
  'Автоматический ответ: Where',
  'Автоматична відповідь: Where',
  'Αυτόματη απάντηση: Where',
  'תשובה אוטומטית: Where',
  'رد تلقائي: Where',
  'Trả lời Tự động: Where',
  'ตอบกลับอัตโนมัติ: Where',
  'Balasan otomatis: Where',
  '自动答复: Where',
  '不在通知: Where',
  '자동 응답: Where',
].map((Subject) => mailOf(`nobody is there: ${Subject}`, { Subject }, { subject: Subject, isAutomatic: true }));
const others = ['Fuera de la oficina hay sillas', 'Absence du bureau', 'Re: Abwesend: Where', 'Auto: kaputt'].map(
  (Subject) => mailOf(`somebody is there: ${Subject}`, { Subject }, { subject: Subject }),
);

const postmaster = { name: null, address: 'postmaster@mx.example' };
const bounce = (text: string, subject = 'Hello', code = 'BOUNCED'): CorpusMail =>
  mailOf(
    `a bounce in words: ${subject} ${text}`,
    { From: postmaster.address, Subject: subject },
    { from: postmaster, subject, text, isAutomatic: true, failure: { code, recipient: 'gone@x.example' } },
    text,
  );
const bounces: CorpusMail[] = [
  bounce('Impossibile recapitare il messaggio a gone@x.example.'),
  bounce('Impossible de remettre votre message à gone@x.example.'),
  bounce('No fue posible entregar el mensaje a gone@x.example.'),
  bounce('Não foi possível entregar a sua mensagem a gone@x.example.'),
  bounce('Det gick inte att leverera meddelandet till gone@x.example.'),
  bounce('Nie można dostarczyć wiadomości do gone@x.example.'),
  bounce('Zprávu pro gone@x.example se nepodařilo doručit.'),
  bounce('Az üzenetet nem sikerült kézbesíteni: gone@x.example'),
  bounce('gone@x.example adresine iletiniz teslim edilemedi.'),
  bounce('你的邮件未能送达 gone@x.example。'),
  bounce('gone@x.example에게 메시지를 배달할 수 없습니다.'),
  bounce('gone@x.example: x', 'Onbestelbaar: Hello'),
  bounce('gone@x.example: x', 'Undeliverable: Hello'),
  bounce('gone@x.example: 550 5.1.1 x', 'Niedostarczalne: Hello', '5.1.1'),
];

const receipt =
  'Original-Message-ID: <ours@desk.test>\r\nDisposition: automatic-action/MDN-sent-automatically; displayed';
const receipts: CorpusMail[] = [
  mailOf(
    'a receipt that names a mail only in its own part',
    { 'Content-Type': 'multipart/report; report-type=disposition-notification; boundary=b' },
    {
      text: 'It was read.',
      answers: ['ours@desk.test'],
      isAutomatic: true,
      files: [
        {
          fileName: 'receipt.txt',
          contentType: 'message/disposition-notification',
          content: Buffer.from(receipt).toString('base64'),
        },
      ],
    },
    parts(
      'b',
      'Content-Type: text/plain\r\n\r\nIt was read.',
      `Content-Type: message/disposition-notification\r\n\r\n${receipt}`,
    ),
  ),
];

const headers: CorpusMail[] = [
  mailOf(
    'references as encoded words',
    { References: '=?utf-8?Q?<a@x.example>?=\r\n =?utf-8?Q?_<b@x.example>?=' },
    { answers: ['b@x.example', 'a@x.example'] },
  ),
  mailOf(
    'an answer to an encoded word',
    { 'In-Reply-To': '=?us-ascii?Q?=3Ca=40x.example=3E?=' },
    { answers: ['a@x.example'] },
  ),
  mailOf('a subject that is cut within a sign', { Subject: `${'a'.repeat(499)}👍` }, { subject: 'a'.repeat(499) }),
  mailOf(
    'signs that nobody sees in an address',
    { From: 'Jane <\u200bjane@example.com\u202c>' },
    { from: { name: 'Jane', address: 'jane@example.com' } },
  ),
  mailOf(
    'addresses with blanks between them',
    { To: 'a@x.example  help@desk.test' },
    { recipients: ['a@x.example', 'help@desk.test'] },
  ),
];

export const programs: readonly CorpusMail[] = [...absences, ...others, ...bounces, ...receipts, ...headers];
