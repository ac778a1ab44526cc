/** Reads from the subject of a mail what it is about, and whether it says that it answers another one. */

export interface Topic {
  /** As it stands in the subject, without what mail programs put before it. */
  subject: string;
  /** In the form in which topics are compared; null where many mails that are about different things have it. */
  topic: string | null;
  /** What the first word says that the mail does; null if it says nothing. */
  kind: 'ANSWER' | 'FORWARD' | null;
}

/** What mail programs write before the subject of an answer, in the languages of the big programs. */
const answer =
  'r|re|ré|rep|rép|res|resp|ref|rif|aw|antw|antwort|sv|svar|vs|odp|odpověď|odg|vá|ynt|yan|cev|bls|balas|atb|απ|σχετ|отв|ответ|відп|תשובה|השב|رد|ตอบกลับ|trả lời|回复|回覆|答复|答覆|返信|답장|회신';
/** What they write before the subject of an automatic reply. */
const absence =
  'auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office(?: auto-?reply)?|automatische antwort|abwesenheit(?:snotiz|smeldung)?|abwesend|réponse automatique|absence du bureau|respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|resposta automàtica|resposta automática|ausência temporária|automatisch antwoord|afwezig(?:heidsbericht)?|automatiskt? svar|autosvar|automaattinen vastaus|automaatne vastus|odpowiedź automatyczna|automatická odpově[ďd]|automatická odpoveď|automatikus válasz|răspuns automat|automatski odgovor|samodejni odgovor|automātiska atbilde|automatinis atsakymas|otomatik yanıt|автоответ|автоматический ответ|автоматична відповідь|автоматичен отговор|аутоматски одговор|αυτόματη απάντηση|(?:תשובה|מענה) אוטומטית?|رد تلقائي|(?:การ)?ตอบกลับอัตโนมัติ|trả lời tự động|balasan (?:otomatis|automatik)|自动(?:回复|答复)|自動回覆|自動応答|自動返信|不在通知|자동 ?(?:회신|응답)';
/** And of a mail that is passed on: it begins something else. */
const forward =
  'fw|fwd|wg|weitergeleitet|tr|rv|enc|i|doorst|vb|vl|vid|pd|továbbítás|ilt|пересл|πρθ|προώθ|הועבר|إعادة توجيه|转发|轉寄|転送|전달';

const prefix = new RegExp(
  `^(?:(${answer}|${absence})|${forward})\\s*(?:[[(^]\\s*\\d{1,3}\\s*[\\])]?)?\\s*[:：]\\s*`,
  'iu',
);
/** What mail servers put before all of it. */
const mark =
  /^(?:\[\s*(?:ext|extern|external|externe|external sender|external email|spam|bulk)\s*\]|\*+\s*spam\s*\*+)[\s:]*/iu;
const mostPrefixes = 20;

/** Parted by commas. */
const general = new Set(
  `hi,hello,hey,help,question,questions,support,request,info,information,contact,problem,issue,order,invoice,urgent,test,
  feedback,message,mail,email,e-mail,thanks,thank you,no subject,untitled,new message,
  hallo,guten tag,frage,fragen,hilfe,anfrage,kontakt,bestellung,rechnung,nachricht,kein betreff,danke,dringend,
  bonjour,salut,aide,demande,facture,commande,sans objet,aucun objet,merci,
  hola,ayuda,pregunta,consulta,pedido,factura,mensaje,sin asunto,gracias,olá,oi,ajuda,fatura,mensagem,sem assunto,obrigado,
  ciao,aiuto,domanda,richiesta,ordine,fattura,messaggio,nessun oggetto,grazie,vraag,hulp,bestelling,factuur,bericht,
  geen onderwerp,bedankt,hej,hei,moi,fråga,hjälp,beställning,faktura,spørsmål,hjelp,tilaus,lasku,tack,
  cześć,pytanie,pomoc,zamówienie,wiadomość,brak tematu,dotaz,objednávka,merhaba,soru,yardım,sipariş,konu yok,
  привет,вопрос,помощь,заказ,счет,счёт,без темы,你好,您好,咨询,问题,订单,无主题,こんにちは,質問,お問い合わせ,件名なし,
  안녕하세요,문의,제목 없음`
    .split(',')
    .map((words) => words.trim()),
);

const absent = new RegExp(`^\\s*(?:(?:${absence})\\s*[:：]|[[【](?:${absence})[\\]】])`, 'iu');

/** Whether the subject begins as the notes of mail programs do that nobody is there. */
export const isAbsence = (subject: string | null): boolean => absent.test(subject ?? '');

export function topicOf(given: string | null): Topic {
  let subject = (given ?? '').trim();
  let kind: Topic['kind'] = null;
  for (let count = 0; count < mostPrefixes; count += 1) {
    const marked = mark.exec(subject);
    const found = marked ?? prefix.exec(subject);
    if (!found) break;
    if (!marked) kind ??= found[1] === undefined ? 'FORWARD' : 'ANSWER';
    subject = subject.slice(found[0].length);
  }
  const topic = subject.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  const bare = topic.replace(/^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu, '');
  return { subject, topic: bare.length < 2 || general.has(bare) ? null : topic, kind };
}
