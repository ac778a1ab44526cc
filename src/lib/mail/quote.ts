/**
 * Extracts what a person wrote in an e-mail, without quoted e-mails and the signature.
 *
 * Existing libraries do not fit: email-reply-parser (2.3.9) needs Node 22. planer (1.2.0) is no longer maintained.
 */

/**
 * The line that mail programs write above a quote: `On Friday Jane wrote:`. These are the verbs, in the languages of
 * the major programs.
 */
const verbs =
  'wrote|writes|schrieb|schreibt|geschrieben|geschreven|schreef|a écrit|écrivait|escribió|escribi[oó]|ha scritto|escreveu|skrev|kirjoitti|napisał\\(?a?\\)?|napisał|napisana|napisao(?: je)?|napisala|je napisal|rašė|rakstīja|kirjutas|เขียนว่า|napsal\\(?a?\\)?|napísal|a írta|írta|a scris|yazdı|пишет|писал\\(?а?\\)?|написал\\(?а?\\)?|пише|написав|đã viết|menulis|написа|έγραψε|写道|寫道|のメール|書きました|작성|כתב|كتب';
const attribution = new RegExp(
  `^.{0,400}(?:^|[\\s:,>"'）)日])(?:${verbs})(?:[^\\p{L}].{0,80})?[:：]\\s*$|^.{6,400}(?:写道|寫道|のメール|書きました|작성)[:：]\\s*$`,
  'iu',
);
/**
 * Some programs write no verb or one of another language. A day, a time and an address are then enough. Tested one
 * after the other, because a line may contain many of each.
 */
const bare = [/\b(?:19|20)\d\d\b/, /\d{1,2}[:.]\d{2}/, /<[^<>\s@]{1,200}@[^<>\s@]{1,200}>/];
const begun =
  /^\s*(?:on|am|le|el|il|op|em|den|dne|dnia|w dniu|on|pada|a|la|tarih|в|на|στις|pe|у|\d)|\b(?:19|20)\d\d\b/iu;

/** Lines that separate an e-mail from the quoted one below: `-----Original Message-----`. */
const separator =
  /^\s*[-_*‐]{2,}(?:\s|&nbsp;){0,9}(?:original message|original appointment|forwarded message|weitergeleitete nachricht|message (?:transféré|réexpédié)|mensaje reenviado|messaggio inoltrato|mensagem (?:reencaminhada|encaminhada)|doorgestuurd bericht|oryginalna wiadomość|przekazana wiadomość|ursprüngliche nachricht|message d['’]origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|wiadomość oryginalna|oprindelig meddelelse|originalmeddelande|ursprungligt meddelande|opprinnelig melding|alkuperäinen viesti|původní zpráva|исходное сообщение|原始邮件|原始郵件|元のメッセージ|원본 (?:메시지|이메일)|回复的原邮件|转发邮件信息|轉寄的郵件)(?:\s|&nbsp;){0,9}[-_*‐]{2,}\s*$|^[-#=*\s]{0,20}(?:please )?(?:(?:type|write|enter) your )?reply above this line\b.{0,80}$|^\s*_{20,}\s*$|^\s*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|début du message (?:transféré|réexpédié)|inicio del mensaje reenviado|inizio messaggio inoltrato|início da mensagem (?:reencaminhada|encaminhada)|begin doorgestuurd bericht|vidarebefordrat brev|videresendt besked)\s*:\s*$/iu;

/** The headers that Outlook writes above a quote. One of them names the sender. */
const from =
  /^\s*\*{0,2}(?:from|von|de|da|van|från|fra|lähettäjä|od|от|від|из|από|kimden|feladó|de la|expeditor|šalje|מאת|من|จาก|từ|dari|发件人|寄件者|差出人|보낸 사람|발신)\s*\*?\s*[:：]/iu;
const further =
  /^\s*\*{0,2}(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviad[oa](?: el| em)?|para|asunto|assunto|sujet|pour|fecha|inviato|data|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|lähetetty|vastaanottaja|aihe|wysłano|do|temat|odesláno|komu|předmět|отправлено|дата|кому|тема|надіслано|изпратено|относно|απεστάλη|στάλθηκε|ημερομηνία|προς|θέμα|gönderildi|gönderilme tarihi|tarih|kime|konu|elküldve|küldve|dátum|címzett|tárgy|trimis|expediat|către|subiect|odoslané|predmet|poslano|נשלח|תאריך|אל|נושא|تاريخ|تم الإرسال|إلى|الموضوع|đã gửi|đến|chủ đề|terkirim|kepada|subjek|日期|날짜|수신|发送时间|收件人|主题|寄件日期|收件者|主旨|送信日時|宛先|件名|보낸 날짜|받는 사람|제목)\s*\*?\s*[:：]/iu;

const signature =
  /^--\s?$|^\s*(?:sent from (?:my|yahoo|outlook|mail for|proton|samsung|gmail)|sent (?:with|via|using) \[?(?:proton|spark|the samsung|airmail|mailbird|superhuman|tutanota|tuta\b)|get outlook for|von meine[mr]\b.{0,40} gesendet|gesendet (?:von|mit der)|diese nachricht wurde von meinem|envoyé (?:de|depuis) mon|enviado desde mi|enviado do meu|enviat des del meu|inviato da(?:l mio)? |verstuurd vanaf mijn|verzonden vanaf mijn|skickat från min|sendt fra min|lähetetty .{0,20}iphonesta|wysłane z|odesláno z|отправлено с|iphoneから送信|发自我的|從我的|나의 .{0,20}에서 보냄|[أا]ُ?رسلت من|נשלח מ|(?:iphone|ipad|galaxy).{1,20}gönderildi|az (?:iphone|ipad).{1,20}küldve).{0,100}$|^\s*[^<>[\]]{0,40}\boutlook\b[^<>[\]]{0,30}[<[(]?\s*https:\/\/aka\.ms\/\S{1,100}.{0,40}$/iu;

/** A header, or a field of a form. Some form fields look like e-mail headers. */
const label = /^\s*\*{0,2}[\p{L}\p{N}][\p{L}\p{M}\p{N} _-]{0,40}\*?[:：]/u;

/** Direction marks, which some programs put around everything. */
const directions = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const maxLine = 1_000;

/** The text without quotes and signature; the whole text if nothing else is left. Takes linear time. */
export function textWithoutQuote(text: string): string {
  const lines = text
    .split('\n')
    .map((line) =>
      line.length > maxLine ? { line, short: '' } : { line, short: line.replace(directions, '').trimEnd() },
    );
  const kept: string[] = [];
  for (let place = 0; place < lines.length; place += 1) {
    const { line, short } = lines[place] ?? { line: '', short: '' };
    if (short.startsWith('>')) continue;
    const at = (offset: number): string => lines[place + offset]?.short ?? '';
    if (separator.test(short)) {
      if (kept.some((said) => said.trim() !== '')) break;
      continue;
    }
    if (isHeader(at) && !label.test(kept.at(-1) ?? '')) break;
    const height = heightOfAttribution(short, at);
    if (height > 0) {
      const next = [0, 1, 2].map((offset) => at(height + offset)).find((below) => below !== '');
      // Without quote marks, everything below is quoted. With them, an answer may follow.
      if (next !== undefined && !next.startsWith('>')) break;
      place += height - 1;
      continue;
    }
    if (signature.test(short) && kept.some((said) => said.trim() !== '')) {
      // A signature ends where a quote begins. An answer may follow the quote.
      while (
        place + 1 < lines.length &&
        !isQuote(lines[place + 1]?.short ?? '', (offset) => lines[place + 1 + offset]?.short ?? '')
      )
        place += 1;
      continue;
    }
    kept.push(line);
  }
  const said = kept
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return said === '' ? text : said;
}

/** How many lines are searched for the headers, without blank ones. */
const maxHeaders = 5;
const headerLines = Array.from({ length: 2 * maxHeaders }, (_none, offset) => offset);

/** Whether this line and the following ones are e-mail headers, in any order. */
function isHeader(at: (offset: number) => string): boolean {
  if (!from.test(at(0)) && !further.test(at(0))) return false;
  const [, second = '', ...others] = headerLines
    .map(at)
    .filter((line) => line !== '')
    .slice(0, maxHeaders);
  const lines = [at(0), second, ...others];
  const senders = lines.findIndex((line) => from.test(line));
  if (senders === -1 || !label.test(second)) return false;
  return lines.filter((line, place) => place !== senders && further.test(line)).length >= 2;
}

const isQuote = (line: string, at: (offset: number) => string): boolean =>
  line.startsWith('>') || separator.test(line) || isHeader(at) || heightOfAttribution(line, at) > 0;

/** How many lines the attribution takes, because mail programs wrap it; 0 if the line is not an attribution. */
function heightOfAttribution(line: string, at: (offset: number) => string): number {
  if (line === '' || !/[\p{L}\d]/u.test(line)) return 0;
  if (isAttribution(line)) return 1;
  if (!begun.test(line) || at(1) === '') return 0;
  if (isAttribution(`${line} ${at(1)}`)) return 2;
  return at(2) !== '' && isAttribution(`${line} ${at(1)} ${at(2)}`) ? 3 : 0;
}

/** An attribution contains a time or an address. "As Jane wrote:" is a normal sentence. */
const isAttribution = (line: string): boolean =>
  /\d|@/.test(line) && /[:：]\s*$/.test(line) && (attribution.test(line) || bare.every((part) => part.test(line)));
