import { Parser } from 'htmlparser2';

/** Inline elements. A word can continue across their tags. */
const inline = new Set(
  'a abbr b bdi bdo big cite code del dfn em font i ins kbd label mark q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);
const empty = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
/** Elements whose content is neither HTML nor shown. */
const raw = new Set(['script', 'style', 'noscript', 'template', 'textarea', 'title', 'xmp', 'iframe']);

type Piece = { kind: 'tag'; out: string } | { kind: 'text'; text: string };

/**
 * The HTML with every match replaced, in text (even if tags interrupt it) and in attribute values. Without a match, the
 * HTML is returned unchanged. Otherwise it is written from the parsed document, without comments and scripts.
 */
export function maskHtml(html: string, form: RegExp, mask: string): string {
  const pieces: Piece[] = [];
  let hidden = 0;
  let changed = false;
  const replaced = (value: string): string => {
    const out = value.replace(form, mask);
    changed ||= out !== value;
    return out;
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (raw.has(name)) hidden += 1;
      if (hidden > 0) return;
      const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(replaced(value))}"`);
      pieces.push({ kind: 'tag', out: `<${name}${given.join('')}>` }, ...breakAt(name));
    },
    onclosetag(name) {
      if (raw.has(name)) hidden -= 1;
      else if (hidden === 0 && !empty.has(name)) pieces.push({ kind: 'tag', out: `</${name}>` }, ...breakAt(name));
    },
    ontext(text) {
      if (hidden === 0) pieces.push({ kind: 'text', text });
    },
    oncomment: (text) => void replaced(text),
  });
  parser.end(html);
  const out = withTextReplaced(pieces, form, mask);
  changed ||= out.changed;
  if (changed) return out.html;
  // Parts that the parser skips, such as scripts, may contain the name as well.
  return html.search(form) === -1 ? html : out.html;
}

/** A separator that never occurs in text, so that words of two blocks are not joined. */
const breakAt = (name: string): Piece[] => (inline.has(name) ? [] : [{ kind: 'text', text: blockEnd }]);
const blockEnd = '\u0000';

function withTextReplaced(pieces: readonly Piece[], form: RegExp, mask: string): { html: string; changed: boolean } {
  const whole = pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
  const ranges = Array.from(whole.matchAll(form), ({ 0: found, index }) => ({ from: index, to: index + found.length }));
  let html = '';
  let place = 0;
  let next = 0;
  for (const piece of pieces) {
    if (piece.kind === 'tag') {
      html += piece.out;
      continue;
    }
    const end = place + piece.text.length;
    let kept = '';
    for (let range = ranges[next]; range && range.from < end; range = ranges[next]) {
      if (range.from >= place) kept += whole.slice(place, range.from) + mask;
      place = Math.min(range.to, end);
      // The match continues in the next text.
      if (range.to > end) break;
      next += 1;
    }
    html += escaped(kept + whole.slice(place, end)).replaceAll(blockEnd, '');
    place = end;
  }
  return { html, changed: ranges.length > 0 };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
