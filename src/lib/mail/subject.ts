/** Reads the topic of an e-mail from its subject, and whether it is marked as an answer. */

export interface Topic {
  /** The subject without the prefixes that mail programs add. */
  subject: string;
  /** In the form in which topics are compared; null for a subject that many unrelated e-mails have. */
  topic: string | null;
  /** The meaning of the first prefix; null without a prefix. */
  kind: 'ANSWER' | 'FORWARD' | null;
}

/** The prefixes of answers, in the languages of the major programs. */
const answer =
  'r|re|ré|rep|rép|res|resp|ref|rif|aw|antw|antwort|sv|svar|vs|odp|odpověď|odg|vá|ynt|yan|cev|bls|balas|atb|απ|σχετ|отв|ответ|відп|תשובה|השב|رد|ตอบกลับ|trả lời|回复|回覆|答复|答覆|返信|답장|회신';
/** The prefixes of automatic replies. */
const absence =
  'auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office(?: auto-?reply)?|automatische antwort|abwesenheit(?:snotiz|smeldung)?|abwesend|réponse automatique|absence du bureau|respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)|resposta automàtica|resposta automática|ausência temporária|automatisch antwoord|afwezig(?:heidsbericht)?|automatiskt? svar|autosvar|automaattinen vastaus|automaatne vastus|odpowiedź automatyczna|automatická odpově[ďd]|automatická odpoveď|automatikus válasz|răspuns automat|automatski odgovor|samodejni odgovor|automātiska atbilde|automatinis atsakymas|otomatik yanıt|автоответ|автоматический ответ|автоматична відповідь|автоматичен отговор|аутоматски одговор|αυτόματη απάντηση|(?:תשובה|מענה) אוטומטית?|رد تلقائي|(?:การ)?ตอบกลับอัตโนมัติ|trả lời tự động|balasan (?:otomatis|automatik)|自动(?:回复|答复)|自動回覆|自動応答|自動返信|不在通知|자동 ?(?:회신|응답)';
/** The prefixes of forwarded e-mails. A forwarded e-mail begins a new topic. */
const forward =
  'fw|fwd|wg|weitergeleitet|tr|rv|enc|i|doorst|vb|vl|vid|pd|továbbítás|ilt|пересл|πρθ|προώθ|הועבר|إعادة توجيه|转发|轉寄|転送|전달';

const prefix = new RegExp(
  `^(?:(${answer}|${absence})|${forward})\\s*(?:[[(^]\\s*\\d{1,3}\\s*[\\])]?)?\\s*[:：]\\s*`,
  'iu',
);
/** The marks that mail servers put before everything else. */
const mark =
  /^(?:\[\s*(?:ext|extern|external|externe|external sender|external email|spam|bulk)\s*\]|\*+\s*spam\s*\*+)[\s:]*/iu;
const mostPrefixes = 20;

/** A list separated by commas. */
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

/** Whether the subject has the prefix of an automatic absence note. */
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
