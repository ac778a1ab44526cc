import { Parser } from 'htmlparser2';

/**
 * HTML of strangers as a front end may show it. What comes out is written anew and consists of nothing but elements and
 * attributes of these lists, properly nested, and text with its markup escaped: there is no element among them whose
 * content a browser reads in another way (script, style, svg, math, template, noscript, textarea …), so there is nothing
 * in it that a browser could take for something else than was checked here.
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

const styles = new Set(
  `background-color border border-bottom border-collapse border-color border-left border-radius border-right
   border-spacing border-style border-top border-width clear color direction display float font font-family font-size
   font-style font-variant font-weight height letter-spacing line-height list-style list-style-type margin margin-bottom
   margin-left margin-right margin-top max-height max-width min-height min-width overflow-wrap padding padding-bottom
   padding-left padding-right padding-top table-layout text-align text-decoration text-indent text-transform
   vertical-align white-space width word-break word-spacing word-wrap`.split(/\s+/),
);

const maxStyleLength = 300;

/** Words, sizes, names of fonts, colours: no function but those of colours, no escapes, and nothing moved out of place. */
const isStyleValue = (value: string): boolean => {
  if (value.length > maxStyleLength) return false;
  const rest = value.replace(/\brgba?\([\d\s.,%]+\)/g, '');
  return /^[\w\s#.,%+'"!/-]*$/.test(rest) && !/(?:^|[\s,/])-/.test(rest);
};

/** So many tags, or attributes of one, are more than any mail has. */
const maxTags = 20_000;
const maxAttributes = 200;
/** To close an element takes time with each one that is open; what lies deeper is cut off. */
const maxDepth = 500;

/** The HTML that may be shown; null when it has more markup than anybody wrote. Takes time in proportion to its length. */
export function safeHtml(html: string): string | null {
  if (hasMoreTagsThan(html, maxTags)) return null;
  let out = '';
  let attributesOfTag = 0;
  let depthHidden = 0;
  const open: string[] = [];
  const close = (name: string): void => {
    open.pop();
    if (hidden.has(name)) depthHidden -= 1;
    else if (depthHidden === 0 && elements.has(name) && !empty.has(name)) out += `</${name}>`;
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
      else if (depthHidden === 0 && elements.has(name)) out += `<${name}${attributesOf(name, given)}>`;
      if (open.length > maxDepth) parser.pause();
    },
    onclosetag: close,
    ontext(text) {
      if (depthHidden === 0) out += escaped(text);
    },
  });
  parser.end(html);
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) close(name);
  return attributesOfTag > maxAttributes ? null : out;
}

function attributesOf(element: string, given: Record<string, string>): string {
  let out = '';
  const set = (name: string, value: string): void => {
    out += ` ${name}="${escaped(value)}"`;
  };
  for (const [name, value] of Object.entries(given)) {
    if (everywhere.includes(name) || attributes[element]?.includes(name)) set(name, value);
    else if (name === 'style') {
      const style = safeStyle(value);
      if (style) set('style', style);
    } else if (name === 'href' && element === 'a' && leadsTo(value, /^(?:https?|mailto|tel):/)) {
      set('href', value.trim());
      out += ' target="_blank" rel="noopener noreferrer nofollow"';
    } else if (name === 'src' && element === 'img' && leadsTo(value, /^https?:/)) set('src', value.trim());
  }
  return out;
}

/** Whether an address has one of these schemes for a browser, which passes over blanks and control characters in it. */
const leadsTo = (address: string, schemes: RegExp): boolean =>
  schemes.test(address.replace(/[\p{Cc}\s]+/gu, '').toLowerCase());

function safeStyle(style: string): string {
  const kept = style.split(';').flatMap((declaration) => {
    const colon = declaration.indexOf(':');
    const property = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration.slice(colon + 1).trim();
    return colon > 0 && styles.has(property) && isStyleValue(value) ? [`${property}: ${value}`] : [];
  });
  return kept.join('; ');
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
