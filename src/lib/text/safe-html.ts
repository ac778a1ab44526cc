import { Parser } from 'htmlparser2';
import { safeStyle } from './safe-style.js';
import { safeImage, safeLink } from './safe-url.js';

/**
 * Sanitises HTML from unknown senders for display in a front end. The output is newly written and consists only of the
 * listed elements and attributes, properly nested, and of escaped text. None of the listed elements has content that a
 * browser parses in a special way (script, style, svg, math, template, noscript, textarea …), so a browser cannot
 * interpret the output differently from what was checked here. URLs and styles are parsed and written from the parsed
 * values.
 *
 * Existing sanitisers do not fit: sanitize-html (2.18.1) needs Node 22, as does jsdom (31), on which DOMPurify (3.5.0)
 * runs. With a jsdom for Node 20 it takes 90 s for 10,000 unclosed tags.
 */

const elements = new Set(
  `a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em
   figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small
   span strike strong sub sup table tbody td tfoot th thead tr tt u ul var`.split(/\s+/),
);

/** The content of these elements is dropped too. Of all other unlisted elements only the tags are dropped. */
const hidden = new Set(
  `applet audio button canvas frameset iframe math noembed noframes noscript object option plaintext script select style
   svg template textarea title video xmp`.split(/\s+/),
);

const empty = new Set(['br', 'col', 'hr', 'img']);

const everywhere = ['align', 'bgcolor', 'color', 'dir', 'height', 'lang', 'title', 'valign', 'width'];
const attributes: Readonly<Record<string, readonly string[]>> = {
  col: ['span'],
  colgroup: ['span'],
  font: ['face', 'size'],
  img: ['alt', 'border'],
  li: ['value'],
  ol: ['start', 'type'],
  table: ['border', 'cellpadding', 'cellspacing'],
  td: ['colspan', 'rowspan'],
  th: ['colspan', 'rowspan'],
};

/** Attributes with a size or a count, and their maximum. */
const sizes = new Set('border cellpadding cellspacing colspan height rowspan span width'.split(' '));
const maxSize = 10_000;

/** More tags, or more attributes of one tag, than any e-mail has. */
const maxTags = 20_000;
const maxAttributes = 200;
/** Closing an element takes time for each open element, so deeper elements are cut off. */
const maxDepth = 500;

/** What happens to images that refer to a part of the same e-mail by its Content-ID. Browsers cannot load them. */
export type PartImages = 'DROPPED' | 'KEPT';

/**
 * The safe HTML; null when it has too much markup. Takes time in proportion to its length. `withPartImages` must give
 * images of parts that are kept a new URL.
 */
export function safeHtml(html: string, parts: PartImages = 'DROPPED'): string | null {
  if (hasMoreTagsThan(html, maxTags)) return null;
  const first = rewritten(html, parts);
  const last = first?.hasGaps ? rewritten(first.out, parts) : first;
  return last?.out ?? null;
}

/** Quotes in texts and values are escaped, so this can only match the attribute of an image. */
const partImage = / src="cid:([^"]*)"/g;

export const hasPartImages = (safe: string): boolean => safe.search(partImage) !== -1;

/** Replaces the Content-IDs of images in sanitised HTML by URLs. An image without a URL gets no source. */
export const withPartImages = (safe: string, urlOf: (contentId: string) => string | undefined): string =>
  safe.replace(partImage, (_attribute, contentId: string) => {
    const url = urlOf(contentId);
    return url === undefined ? '' : ` src="${escaped(url)}"`;
  });

/**
 * One pass over the HTML. The result has gaps when a tag was dropped within a kept element: without that tag, a parser
 * may close the kept element earlier, so another pass is needed. Null when a tag has too many attributes.
 */
function rewritten(html: string, parts: PartImages): { out: string; hasGaps: boolean } | null {
  let out = '';
  let hasGaps = false;
  let attributesOfTag = 0;
  let depthHidden = 0;
  let depthShown = 0;
  const open: string[] = [];
  const isShown = (name: string): boolean => depthHidden === 0 && elements.has(name);
  const close = (name: string): void => {
    open.pop();
    if (hidden.has(name)) depthHidden -= 1;
    else if (isShown(name) && !empty.has(name)) {
      out += `</${name}>`;
      depthShown -= 1;
    }
  };
  const parser = new Parser({
    onopentagname() {
      attributesOfTag = 0;
    },
    onattribute() {
      attributesOfTag += 1;
      if (attributesOfTag > maxAttributes) parser.pause();
    },
    onopentag(name, given) {
      open.push(name);
      if (hidden.has(name)) depthHidden += 1;
      if (isShown(name)) {
        out += `<${name}${attributesOf(name, given, parts)}>`;
        if (!empty.has(name)) depthShown += 1;
      } else if (depthHidden === 0 && depthShown > 0) hasGaps = true;
      if (open.length > maxDepth) parser.pause();
    },
    onclosetag: close,
    ontext(text) {
      if (depthHidden === 0) out += escaped(text);
    },
  });
  parser.end(html);
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) close(name);
  return attributesOfTag > maxAttributes ? null : { out, hasGaps };
}

function attributesOf(element: string, given: Record<string, string>, parts: PartImages): string {
  let out = '';
  for (const [name, value] of Object.entries(given)) {
    const safe = safeValue(element, name, value, parts);
    if (safe === null) continue;
    out += ` ${name}="${escaped(safe)}"`;
    if (name === 'href') out += ' target="_blank" rel="noopener noreferrer nofollow"';
  }
  return out;
}

/** The safe form of an attribute value, written from the parsed value; null when the attribute must be dropped. */
function safeValue(element: string, name: string, value: string, parts: PartImages): string | null {
  if (name === 'style') return safeStyle(value);
  if (name === 'href' && element === 'a') return safeLink(value);
  if (name === 'src' && element === 'img') return (parts === 'KEPT' ? partOf(value) : null) ?? safeImage(value);
  if (!everywhere.includes(name) && !attributes[element]?.includes(name)) return null;
  return sizes.has(name) ? safeSize(value) : value;
}

/** `cid:` and a Content-ID that needs no escapes. */
const partOf = (value: string): string | null =>
  /^cid:[\w.!#$%*+/=?^{|}~@-]{1,500}$/i.test(value.trim()) ? `cid:${value.trim().slice(4)}` : null;

/** A size as a browser reads it: a number, of whose suffix only a percent sign counts. */
function safeSize(text: string): string | null {
  const [, number, percent = ''] = /^\s*(\d+)(?:\.\d*)?(%?)/.exec(text) ?? [];
  return number ? `${Math.min(Number(number), maxSize)}${percent}` : null;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? '');

function hasMoreTagsThan(html: string, most: number): boolean {
  let tags = 0;
  for (let place = html.indexOf('<'); place !== -1; place = html.indexOf('<', place + 1)) {
    tags += 1;
    if (tags > most) return true;
  }
  return false;
}
