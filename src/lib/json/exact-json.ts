/**
 * Finds JSON that JSON.parse would change: numbers that a double cannot hold, which are rounded, and the key
 * "__proto__", which programs lose when they copy objects key by key.
 */

/** JSON that cannot be represented exactly. The message continues after the name of the place: "must …". */
export class InexactJson extends Error {
  override readonly name = 'InexactJson';

  constructor(
    /** The path in the JSON, outermost key first. */
    readonly path: readonly (string | number)[],
    message: string,
  ) {
    super(message);
  }
}

export const inexactNumber = 'must be a number that a double holds exactly; send others as a string';
export const forbiddenKey = 'must not have the key __proto__';

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [listBegin, listEnd, objectBegin, objectEnd] = [0x5b, 0x5d, 0x7b, 0x7d];
const [plus, minus, point, zero, nine] = [0x2b, 0x2d, 0x2e, 0x30, 0x39];
const [largeE, smallE] = [0x45, 0x65];

/** Every double holds any number of this many digits exactly, so shorter ones need no check. */
const exactLength = 15;

/** Scans the bytes of JSON, valid or not, once. @throws InexactJson */
export function requireExactJson(json: Buffer): void {
  for (let place = 0; place < json.length; place += 1) {
    const byte = json[place] ?? 0;
    if (byte === quote) {
      const end = endOfText(json, place);
      if (json[place + 1] === underscore || json[place + 1] === backslash) requireOtherKey(json, place, end);
      place = end;
    } else if (byte === minus || (byte >= zero && byte <= nine)) {
      const end = endOfNumber(json, place);
      if (!isShort(json, place, end) && !isExact(json.toString('latin1', place, end))) {
        throw new InexactJson(pathTo(json, place), inexactNumber);
      }
      place = end - 1;
    }
  }
}

const underscore = 0x5f;

/** Checks the bytes directly, because creating a string of the number would take longer than parsing it. */
function isShort(json: Buffer, begin: number, end: number): boolean {
  if (end - begin > exactLength) return false;
  for (let place = begin; place < end - shortExponent; place += 1) if (isE(json[place])) return false;
  return true;
}

/** The length including the "e". With so few digits the exponent is far from the limits of a double. */
const shortExponent = 3;

function requireOtherKey(json: Buffer, begin: number, end: number): void {
  if (end - begin > longestSpelling || keyOf(json, begin, end) !== '__proto__') return;
  if (json[skipBlanks(json, end + 1)] === colon) {
    throw new InexactJson(pathTo(json, begin).slice(0, -1), forbiddenKey);
  }
}

/** The length when each letter is escaped. */
const longestSpelling = '__proto__'.length * '\\u005f'.length + 2;

/** Whether a program that parses the number as a double reads exactly the written value. */
export function isExact(number: string): boolean {
  if (number.length <= exactLength && !/e/i.test(number)) return true;
  const value = Number(number);
  const kept = String(value);
  // A number beyond the range of doubles is refused elsewhere with a more specific message.
  return kept === number || !Number.isFinite(value) || digitsOf(number) === digitsOf(kept);
}

/** The significant digits of a number, and the power of ten of the last one. */
function digitsOf(number: string): string {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function endOfText(json: Buffer, begin: number): number {
  let place = begin + 1;
  while (place < json.length && json[place] !== quote) place += json[place] === backslash ? 2 : 1;
  return place;
}

function endOfNumber(json: Buffer, begin: number): number {
  let place = begin + 1;
  while (isNumberPart(json[place])) place += 1;
  return place;
}

const isE = (byte = 0): boolean => byte === smallE || byte === largeE;
const isNumberPart = (byte = 0): boolean =>
  (byte >= zero && byte <= nine) || byte === point || byte === minus || byte === plus || isE(byte);

function skipBlanks(json: Buffer, begin: number): number {
  let place = begin;
  while (place < json.length && (json[place] ?? 0) <= 0x20) place += 1;
  return place;
}

function keyOf(json: Buffer, begin: number, end: number): string | undefined {
  try {
    return String(JSON.parse(json.toString('utf8', begin, end + 1)));
  } catch {
    return undefined;
  }
}

/** The path to a position. At a key, the last element is the key of the previous member. */
function pathTo(json: Buffer, target: number): (string | number)[] {
  const path: (string | number)[] = [];
  for (let place = 0; place < target; place += 1) {
    const byte = json[place];
    if (byte === quote) {
      const end = endOfText(json, place);
      if (json[skipBlanks(json, end + 1)] === colon && end < target) {
        path.pop();
        path.push(keyOf(json, place, end) ?? '');
      }
      place = end;
    } else if (byte === listBegin) path.push(0);
    else if (byte === objectBegin) path.push('');
    else if (byte === listEnd || byte === objectEnd) path.pop();
    else if (byte === comma && typeof path.at(-1) === 'number') path.push(Number(path.pop()) + 1);
  }
  return path;
}
