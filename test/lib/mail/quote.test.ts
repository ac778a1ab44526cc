import { describe, expect, test } from 'vitest';
import { textWithoutQuote } from '../../../src/lib/mail/quote.js';

const quote = '> We have ten seats.\n> Jane\n';

describe('what somebody wrote is found above', () => {
  test.each([
    ['Gmail in English', 'On Fri, Mar 13, 2026 at 10:00 AM Jane Doe <jane@x.example> wrote:\n\n'],
    [
      'Gmail, folded',
      'On Fri, Mar 13, 2026 at 10:00 AM Jane Maria Doe of the Acme Company\n<jane@x.example> wrote:\n\n',
    ],
    ['Apple Mail', '> On 13. Mar 2026, at 10:00, Jane Doe <jane@x.example> wrote:\n>\n'],
    ['German', 'Am Fr., 13. März 2026 um 10:00 Uhr schrieb Jane Doe <jane@x.example>:\n\n'],
    ['French', 'Le ven. 13 mars 2026 à 10:00, Jane Doe <jane@x.example> a écrit :\n\n'],
    ['Spanish', 'El vie, 13 mar 2026 a las 10:00, Jane Doe (<jane@x.example>) escribió:\n\n'],
    ['Italian', 'Il giorno ven 13 mar 2026 alle ore 10:00 Jane Doe <jane@x.example> ha scritto:\n\n'],
    ['Dutch', 'Op vr 13 mrt 2026 om 10:00 schreef Jane Doe <jane@x.example>:\n\n'],
    ['Portuguese', 'Em sex., 13 de mar. de 2026 às 10:00, Jane Doe <jane@x.example> escreveu:\n\n'],
    ['Swedish', 'Den fre 13 mars 2026 kl 10:00 skrev Jane Doe <jane@x.example>:\n\n'],
    ['Finnish', 'pe 13. maalisk. 2026 klo 10.00 Jane Doe (jane@x.example) kirjoitti:\n\n'],
    ['Polish', 'pt., 13 mar 2026 o 10:00 Jane Doe <jane@x.example> napisał(a):\n\n'],
    ['Czech', 'pá 13. 3. 2026 v 10:00 odesílatel Jane Doe <jane@x.example> napsal:\n\n'],
    ['Russian', 'пт, 13 мар. 2026 г. в 10:00, Jane Doe <jane@x.example> написал:\n\n'],
    ['Chinese', 'Jane Doe <jane@x.example> 于2026年3月13日周五 10:00写道：\n\n'],
    ['Japanese', '2026年3月13日(金) 10:00 Jane Doe <jane@x.example> のメール:\n\n'],
    ['Korean', '2026년 3월 13일 (금) 오전 10:00, Jane Doe <jane@x.example>님이 작성:\n\n'],
    ['Turkish', 'Jane Doe <jane@x.example>, 13 Mar 2026 Cum, 10:00 tarihinde şunu yazdı:\n\n'],
  ])('%s', (_what, above) => {
    expect(textWithoutQuote(`Yes, please.\n\n${above}${quote}`)).toBe('Yes, please.');
    expect(textWithoutQuote(`${above}${quote}\nYes, please.\n`)).toBe('Yes, please.');
  });

  test.each([
    ['English', 'From: Jane Doe <jane@x.example>\nSent: Friday, March 13, 2026 10:00\nTo: Help\nSubject: Seats\n'],
    ['German', 'Von: Jane Doe <jane@x.example>\nGesendet: Freitag, 13. März 2026 10:00\nAn: Help\nBetreff: Seats\n'],
    ['French', 'De : Jane Doe <jane@x.example>\nEnvoyé : vendredi 13 mars 2026 10:00\nÀ : Help\nObjet : Seats\n'],
    ['Spanish', 'De: Jane Doe <jane@x.example>\nEnviado el: viernes, 13 de marzo de 2026\nPara: Help\nAsunto: Seats\n'],
    ['Japanese', '差出人: Jane Doe <jane@x.example>\n送信日時: 2026年3月13日 10:00\n宛先: Help\n件名: Seats\n'],
    ['with a line', '________________________________\nFrom: Jane\nSent: Friday\nTo: Help\n'],
    ['of old', '-----Original Message-----\nFrom: Jane\nSent: Friday\n'],
    ['of old in German', '-----Ursprüngliche Nachricht-----\nVon: Jane\n'],
  ])('Outlook %s', (_what, above) => {
    expect(textWithoutQuote(`Yes, please.\n\n${above}\nWe have ten seats.\n`)).toBe('Yes, please.');
  });

  test.each([
    ['Gmail in Hebrew', '‫בתאריך יום ו׳, 13 במרץ 2026 ב-10:00 מאת ‪Jane‬‏ <‪jane@x.example‬‏>:‬\n'],
    ['Gmail in Arabic', 'في الجمعة، 13 مارس 2026 في 10:00 ص تمت كتابة ما يلي بواسطة ‪Jane‬‏ <‪jane@x.example‬‏>:\n'],
    ['Gmail in Thai', 'ในวันที่ ศ. 13 มี.ค. 2026 เวลา 10:00 Jane Doe <jane@x.example> เขียนว่า:\n'],
    ['Gmail in Croatian', 'pet, 13. ožu 2026. u 10:00 Jane Doe <jane@x.example> napisao je:\n'],
    ['Gmail in Catalan', 'Missatge de Jane Doe <jane@x.example> del dia dv., 13 de març 2026 a les 10:00:\n'],
    ['Gmail in Lithuanian', '2026-03-13, pn, 10:00 Jane Doe <jane@x.example> rašė:\n'],
    ['Apple Mail in Polish', 'Wiadomość napisana przez Jane <jane@x.example> w dniu 13.03.2026, o godz. 10:00:\n'],
    ['Yahoo in German', 'Am Freitag, 13. März 2026 um 10:00:00 MEZ hat Jane Doe Folgendes geschrieben:\n'],
    ['Thunderbird in German', '-------- Weitergeleitete Nachricht --------\nBetreff: Seats\nVon: Jane\n'],
    ['Samsung in Polish', '-------- Oryginalna wiadomość --------\nOd: Jane\nData: 13.03.2026\n'],
    ['Samsung in Korean', '나의 Galaxy에서 보냄\n-------- 원본 이메일 --------\n발신: Jane\n'],
    ['Proton Mail', 'Sent with [Proton Mail](https://proton.me/) secure email.\n\n------- Original Message -------\n'],
    ['ProtonMail of old', '‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\n'],
    ['QQ', '------------------&nbsp;原始邮件&nbsp;------------------\n发件人: "Jane"\n'],
    ['GMX', 'Gesendet: Freitag, 13. März 2026 um 10:00 Uhr\nVon: "Jane" <jane@x.example>\nAn: Help\nBetreff: Seats\n'],
    ['Notes', 'Subject: Seats\nFrom: Jane\nDate: Friday\nTo: Help\n'],
    ['Outlook in Arabic', 'من: Jane\nتم الإرسال: الجمعة\nإلى: Help\nالموضوع: Seats\n'],
    ['Outlook in Portuguese', 'De: Jane\nEnviada em: sexta-feira\nPara: Help\nAssunto: Seats\n'],
    ['Outlook with blank lines', 'From: Jane\n\nSent: Friday\n\nTo: Help\n\nSubject: Seats\n'],
    ['Outlook with many addressees', 'From: Jane\nTo: a@x.example,\n b@x.example,\n c@x.example\nSubject: Seats\n'],
    ['Outlook in bold', '**From:** Jane\n**Sent:** Friday\n**To:** Help\n**Subject:** Seats\n'],
    ['a help desk', '##- Please type your reply above this line -##\n\nYour request (42) has been updated.\n'],
  ])('%s', (_what, above) => {
    expect(textWithoutQuote(`Yes, please.\n\n${above}\nWe have ten seats.\n`)).toBe('Yes, please.');
  });

  test('also below the line that a help desk begins with', () => {
    expect(textWithoutQuote('##- Please type your reply above this line -##\n\nIt is done.')).toBe('It is done.');
  });
});

test('an answer between quotes is kept, and a signature is not', () => {
  const text = `On 13 Mar 2026, Jane wrote:\n> Ten seats?\nYes.\n> And when?\nTomorrow.\n\n-- \nOmar\n+1 555 0100\n`;
  expect(textWithoutQuote(text)).toBe('Yes.\nTomorrow.');
});

test.each([
  'Sent from my iPhone',
  'Von meinem iPhone gesendet',
  'Envoyé de mon iPhone',
  'Enviado desde mi iPhone',
  'Get Outlook for iOS',
  'Outlook für iOS<https://aka.ms/o0ukef> abrufen',
  'Obtenir Outlook pour Android [https://aka.ms/AAb9ysg]',
  'Verstuurd vanaf mijn iPhone',
  'Inviato da iPhone',
  'Von meinem/meiner Galaxy gesendet',
  'Sent via Spark',
  'أُرسلت من الـ iPhone',
  'נשלח מה-iPhone שלי',
  'iPhone’umdan gönderildi',
  'Az iPhone-omról küldve',
  '從我的 iPhone 傳送',
])('the words of a telephone are left out: %s', (words) => {
  expect(textWithoutQuote(`Yes, please.\n\n${words}\n\nOn 13 Mar 2026, Jane wrote:\n${quote}`)).toBe('Yes, please.');
});

test.each([
  'As Jane wrote:\nten seats.',
  'The list:\n- one\n- two',
  'From: here\nto there, 2026.',
  'A form was sent.\nName: Jane\nFrom: jane@x.example\nSubject: Seats\nTo: sales\nMessage: hello',
  'From: Jane <jane@x.example>\nSubject: Seats\n\nMessage Body:\nhello',
  'I have Outlook for iOS on my telephone.',
  '> only a quote',
  '',
  'Look at this:\nhttps://x.example/2026',
])('a text without quotes stays as it is: %j', (text) => {
  expect(textWithoutQuote(text)).toBe(text);
});

/** A line of many times and addresses, as long as lines are looked at. */
const long = (part: string): string => `${part.repeat(990 / part.length)}:\n`;

test('it takes little time, however a text is made', () => {
  for (const line of [
    'On 1 ',
    'wrote: ',
    '> ',
    'From: 1\n',
    'Subject: 1\n',
    'Subject: 1\n-- \n',
    '--&nbsp;',
    '----',
    'outlook ',
    'On 1 wrote\n',
    '--\n',
    long('2020 1:11 '),
    long('2020 1:11 <a@b '),
  ]) {
    const text = line.repeat(100_000 / line.length);
    const before = process.cpuUsage();
    textWithoutQuote(text);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
  }
});
