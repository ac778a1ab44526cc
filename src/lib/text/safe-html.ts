import { Parser } from 'htmlparser2';
import { safeStyle } from './safe-style.js';
import { safeImage, safeLink } from './safe-url.js';

/**
 * HTML of strangers as a front end may show it. What comes out is written anew and consists of nothing but elements and
 * attributes of these lists, properly nested, and text with its markup escaped: there is no element among them whose
 * content a browser reads in another way (script, style, svg, math, template, noscript, textarea …), so there is nothing
 * in it that a browser could take for something else than was checked here. URLs and styles are parsed, and written from
 * what was parsed.
 *
 * The kept sanitisers do not fit: sanitize-html (2.18.1) needs Node 22, as does jsdom (31), over which DOMPurify (3.5.0)
 * runs; over a jsdom for Node 20 it takes 90 s for 10,000 tags that stay open.
 */

const elements = new Set(
  `a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em
   figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small
   span strike strong sub sup table tbody td tfoot th thead tr tt u ul var`.split(/\s+/),
);

/** What stands in these is not shown either. Of all other elements only the tags are left out. */
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

/** Attributes that are sizes or counts, and the greatest that is written. */
const sizes = new Set('border cellpadding cellspacing colspan height rowspan span width'.split(' '));
const maxSize = 10_000;

/** So many tags, or attributes of one, are more than any mail has. */
const maxTags = 20_000;
const maxAttributes = 200;
/** To close an element takes time with each one that is open; what lies deeper is cut off. */
const maxDepth = 500;

/** What is done with images that name a part of the same mail by its Content-ID: browsers cannot load them. */
export type PartImages = 'DROPPED' | 'KEPT';

/**
 * The HTML that may be shown; null when it has more markup than anybody wrote. Takes time in proportion to its length. Images of
 * parts that are kept are to be given another URL by `withPartImages`.
 */
export function safeHtml(html: string, parts: PartImages = 'DROPPED'): string | null {
  if (hasMoreTagsThan(html, maxTags)) return null;
  const first = rewritten(html, parts);
  const last = first?.hasGaps ? rewritten(first.out, parts) : first;
  return last?.out ?? null;
}

/** Quotes within texts and values are escaped, so this can only be the attribute of an image. */
const partImage = / src="cid:([^"]*)"/g;

export const hasPartImages = (safe: string): boolean => safe.search(partImage) !== -1;

/** Sanitised HTML with the URLs of the parts that its images name; without one, an image has no source. */
export const withPartImages = (safe: string, urlOf: (contentId: string) => string | undefined): string =>
  safe.replace(partImage, (_attribute, contentId: string) => {
    const url = urlOf(contentId);
    return url === undefined ? '' : ` src="${escaped(url)}"`;
  });

/**
 * What stays of the HTML. It has gaps when a tag was left out within an element that stays: that tag may have kept the
 * parser from closing the element before the next, which it does when it reads the HTML without the tag. Null when a tag has
 * more attributes than any mail has.
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

/** The value that may be shown, as it was parsed; null when the attribute is left out. */
function safeValue(element: string, name: string, value: string, parts: PartImages): string | null {
  if (name === 'style') return safeStyle(value);
  if (name === 'href' && element === 'a') return safeLink(value);
  if (name === 'src' && element === 'img') return (parts === 'KEPT' ? partOf(value) : null) ?? safeImage(value);
  if (!everywhere.includes(name) && !attributes[element]?.includes(name)) return null;
  return sizes.has(name) ? safeSize(value) : value;
}

/** `cid:` and a Content-ID of a form that needs no escapes. */
const partOf = (value: string): string | null =>
  /^cid:[\w.!#$%*+/=?^{|}~@-]{1,500}$/i.test(value.trim()) ? `cid:${value.trim().slice(4)}` : null;

/** As a browser reads it: a number from which it passes over what follows, but a percent sign. */
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
