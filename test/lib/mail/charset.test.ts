import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { decodeText } from '../../../src/lib/mail/charset.js';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('bytes are read as', () => {
  test.each<[string, Buffer, string | null, string]>([
    ['UTF-8 that is declared otherwise', Buffer.from('Grüße'), 'iso-8859-1', 'Grüße'],
    ['UTF-8 that is declared as Chinese', Buffer.from('联通'), 'gbk', '联通'],
    ['UTF-8 after its mark', Buffer.from('\ufeffGrüße'), null, 'Grüße'],
    ['UTF-8 that was cut within a character', Buffer.from('Grüße ü').subarray(0, -1), 'utf-8', 'Grüße \ufffd'],
    ['Latin without a charset', latin1('R\xfcckgabe'), null, 'Rückgabe'],
    ['Latin that is declared as UTF-8', latin1('Gr\xfc\xdfe'), 'utf-8', 'Grüße'],
    ['Latin that is declared as ASCII', latin1('\x80 5'), 'us-ascii', '€ 5'],
    ['Latin of a charset nobody knows', latin1('\x80 5'), 'nonsense', '€ 5'],
    ['windows-1252 that is declared as ISO 8859-1', latin1('\x93a\x94'), 'ISO-8859-1', '“a”'],
    ['cp850', latin1('Gr\x81\xe1e'), 'cp850', 'Grüße'],
    ['ibm850', latin1('Gr\x81\xe1e'), 'IBM850', 'Grüße'],
    ['cp866', iconv.encode('Привет', 'cp866'), 'ibm866', 'Привет'],
    ['KOI8-R', iconv.encode('Привет', 'koi8-r'), '"KOI8-R"', 'Привет'],
    ['windows-1250', iconv.encode('Žluťoučký', 'windows-1250'), 'x-cp1250', 'Žluťoučký'],
    ['ISO 8859-8-I', iconv.encode('שלום', 'iso-8859-8'), 'iso-8859-8-i', 'שלום'],
    ['Thai', iconv.encode('ภาษา', 'cp874'), 'tis-620', 'ภาษา'],
    ['ISO-2022-JP', Buffer.from('1b2442467c4b5c1b2842', 'hex'), 'iso-2022-jp', '日本'],
    ['ISO-2022-JP that only its escapes tell', Buffer.from('1b2442467c4b5c1b2842', 'hex'), 'us-ascii', '日本'],
    ['Shift_JIS', iconv.encode('日本', 'shift_jis'), 'x-sjis', '日本'],
    ['EUC-JP', iconv.encode('日本', 'euc-jp'), 'euc-jp', '日本'],
    ['ISO-2022-KR', latin1('\x1b$)C\x0e>H3g\x0f ok'), 'iso-2022-kr', '안녕 ok'],
    ['cp949 whole', iconv.encode('똠방각하 펲시', 'cp949'), 'cp949', '똠방각하 펲시'],
    ['cp949 that is declared as its part', iconv.encode('똠방각하', 'cp949'), 'ks_c_5601-1987', '똠방각하'],
    ['HZ', latin1('~{<:Ky2;S{~} ok ~~'), 'hz-gb-2312', '己所不欲 ok ~'],
    ['GB2312', iconv.encode('模样', 'gb2312'), 'gb2312', '模样'],
    ['a word in GB2312 that is valid UTF-8 by chance', latin1('\xc4\xa3'), 'gb2312', '模'],
    ['GB18030', iconv.encode('中€', 'gb18030'), 'gbk', '中€'],
    ['Big5', iconv.encode('中文字', 'big5'), 'x-big5', '中文字'],
    ['UTF-7', Buffer.from('+ZeVnLIqe-'), 'utf-7', '日本語'],
    ['UTF-7 by its other label', Buffer.from('+ZeVnLIqe-'), 'unicode-1-1-utf-7', '日本語'],
    ['UTF-16 with a mark', iconv.encode('Grüße', 'utf-16le', { addBOM: true }), 'utf-16', 'Grüße'],
    ['UTF-16 with the other mark', iconv.encode('Grüße', 'utf-16be', { addBOM: true }), null, 'Grüße'],
    ['UTF-16 without a mark', iconv.encode('Grüße', 'utf-16be'), 'utf-16be', 'Grüße'],
    ['ASCII that is declared as UTF-16', Buffer.from('plain'), 'utf-16le', 'plain'],
  ])('%s', (_what, bytes, declared, text) => {
    expect(decodeText(bytes, declared)).toBe(text);
  });

  test('what a page says of itself when nothing is declared', () => {
    expect(decodeText(iconv.encode('Привет', 'koi8-r'), null, () => 'koi8-r')).toBe('Привет');
    expect(decodeText(iconv.encode('Привет', 'koi8-r'), 'us-ascii', () => 'koi8-r')).toBe('Привет');
  });
});
