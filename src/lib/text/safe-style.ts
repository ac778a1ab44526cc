import { type CSSToken, mirrorVariantType, TokenType, tokenizer } from '@csstools/css-tokenizer';

/** What the values of a property may contain besides keywords. */
interface Rule {
  colours?: true;
  /** Font names, separated by commas. */
  fonts?: true;
  /** The maximum length, in CSS pixels; 0 when the property has no numbers. */
  most: number;
}

const groups: readonly (Rule & { properties: string })[] = [
  {
    most: 10_000,
    properties: `border-radius height margin margin-bottom margin-left margin-right margin-top max-height max-width
      min-height min-width padding padding-bottom padding-left padding-right padding-top width`,
  },
  {
    most: 300,
    properties: `border-spacing border-width font-size font-weight letter-spacing line-height text-indent vertical-align
      word-spacing`,
  },
  { most: 300, fonts: true, properties: 'font font-family' },
  { most: 300, colours: true, properties: 'border border-bottom border-left border-right border-top text-decoration' },
  { most: 0, colours: true, properties: 'background-color border-color color' },
  {
    most: 0,
    properties: `border-collapse border-style clear direction display float font-style font-variant list-style
      list-style-type overflow-wrap table-layout text-align text-transform white-space word-break word-wrap`,
  },
];

const rules = new Map(groups.flatMap((rule) => rule.properties.split(/\s+/).map((property) => [property, rule])));

/** CSS pixels per unit of length. Relative units are taken at the usual text size. */
const pixels = new Map([
  ['px', 1],
  ['pt', 96 / 72],
  ['pc', 16],
  ['in', 96],
  ['cm', 96 / 2.54],
  ['mm', 96 / 25.4],
  ['em', 16],
  ['rem', 16],
  ['ex', 8],
  ['ch', 8],
]);

/** The maximum of numbers without a unit, and of percentages. */
const maxNumber = 1_000;

const maxLength = 5_000;

/**
 * The safe declarations of a style attribute, written from the parsed values: listed properties with keywords, colours,
 * fonts, and sizes that are neither negative nor huge. Only colour functions are allowed, and "!important" is dropped
 * so that the page's own styles win. Null when nothing remains. Takes time in proportion to the length.
 */
export function safeStyle(style: string): string | null {
  if (style.length > maxLength) return null;
  const kept = declarationsOf(style).flatMap(([name, colon, ...value]) => {
    if (name?.[0] !== TokenType.Ident || colon?.[0] !== TokenType.Colon) return [];
    const property = name[4].value.toLowerCase();
    const rule = rules.get(property);
    const safe = rule && writtenValue(withoutImportance(value), rule);
    return safe ? [`${property}: ${safe}`] : [];
  });
  const written = kept.join('; ');
  return written !== '' && written.length <= maxLength ? written : null;
}

/** The tokens of each declaration without blanks and comments, up to the first broken string, URL or escape. */
function declarationsOf(style: string): CSSToken[][] {
  const css = tokenizer({ css: style });
  let declaration: CSSToken[] = [];
  const declarations = [declaration];
  const closers: (TokenType | null)[] = [];
  while (!css.endOfFile()) {
    const token = css.nextToken();
    if (isBroken(token)) return declarations.slice(0, -1);
    const closer = mirrorVariantType(token[0]);
    if (token[0] === closers.at(-1)) closers.pop();
    else if (closer && openers.has(token[0])) closers.push(closer);
    if (token[0] === TokenType.Semicolon && closers.length === 0) {
      declaration = [];
      declarations.push(declaration);
    } else if (!passedOver.has(token[0])) declaration.push(token);
  }
  return declarations;
}

const openers = new Set([TokenType.Function, TokenType.OpenParen, TokenType.OpenSquare, TokenType.OpenCurly]);
const passedOver = new Set([TokenType.Whitespace, TokenType.Comment, TokenType.EOF]);

/**
 * The tokenizer creates an error with a stack for each broken token, which is slow, so parsing stops at the first one.
 */
const isBroken = (token: CSSToken): boolean =>
  token[0] === TokenType.BadString ||
  token[0] === TokenType.BadURL ||
  (token[0] === TokenType.Delim && token[4].value === '\\');

function withoutImportance(value: CSSToken[]): CSSToken[] {
  const [mark, word] = value.slice(-2);
  const isImportant =
    mark?.[0] === TokenType.Delim &&
    mark[4].value === '!' &&
    word?.[0] === TokenType.Ident &&
    word[4].value.toLowerCase() === 'important';
  return isImportant ? value.slice(0, -2) : value;
}

/** The value, newly written; null when it contains something that the property may not have. */
function writtenValue(tokens: CSSToken[], rule: Rule): string | null {
  let out = '';
  let isInColour = false;
  for (const token of tokens) {
    const part = isInColour ? partOfColour(token) : partOf(token, rule);
    if (part === null) return null;
    const isApart = out !== '' && !out.endsWith('(') && part !== ',' && part !== ')';
    out += isApart ? ` ${part}` : part;
    if (token[0] === TokenType.Function) isInColour = true;
    if (token[0] === TokenType.CloseParen) isInColour = false;
  }
  return isInColour ? `${out})` : out;
}

function partOf(token: CSSToken, { colours, fonts, most }: Rule): string | null {
  switch (token[0]) {
    case TokenType.Ident:
      return /^[a-z]\w*(?:-\w+)*$/i.test(token[4].value) ? token[4].value : null;
    case TokenType.String:
      return fonts && /^[\p{L}\p{M}\p{N}_]+(?:[ .-][\p{L}\p{M}\p{N}_]+)*$/u.test(token[4].value)
        ? `'${token[4].value}'`
        : null;
    case TokenType.Comma:
      return fonts ? ',' : null;
    case TokenType.Hash:
      return colours && /^[\da-f]{3,8}$/i.test(token[4].value) ? `#${token[4].value}` : null;
    case TokenType.Function:
      return colours && /^(?:rgb|hsl)a?$/i.test(token[4].value) ? `${token[4].value}(` : null;
    case TokenType.Dimension: {
      const unit = token[4].unit.toLowerCase();
      const pixelsEach = pixels.get(unit);
      return pixelsEach ? size(token[4].value, unit, most / pixelsEach) : null;
    }
    default:
      return most > 0 ? plainPart(token) : null;
  }
}

const partOfColour = (token: CSSToken): string | null => {
  if (token[0] === TokenType.Comma) return ',';
  if (token[0] === TokenType.CloseParen) return ')';
  return plainPart(token);
};

function plainPart(token: CSSToken): string | null {
  if (token[0] === TokenType.Number) return size(token[4].value, '', maxNumber);
  if (token[0] === TokenType.Percentage) return size(token[4].value, '%', maxNumber);
  return token[0] === TokenType.Delim && token[4].value === '/' ? '/' : null;
}

/** Never in exponent notation, because the "e" would be parsed as part of the unit. */
function size(value: number, unit: string, most: number): string | null {
  const rounded = Number(value.toFixed(4));
  return rounded >= 0 && rounded <= most ? `${rounded}${unit}` : null;
}
