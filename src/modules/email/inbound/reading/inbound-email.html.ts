import { convert } from 'html-to-text';
import { safeHtml } from '../../../../lib/text/safe-html.js';
import { mailBounds } from '../../../conversation/message/mail/message.bounds.js';
import { isBlank } from './inbound-email.text.js';

/** HTML without the parts that show no words: styles, scripts, comments and files in data URLs. Takes linear time. */
export function bareHtml(html: string): string {
  const bare = ['style', 'script'].reduce((rest, name) => without(rest, `<${name}`, `</${name}`), html);
  return without(bare, '<!--', '--').replace(/data:[\w./+;=-]*,[^"'\s)<>]{100,}/gi, 'data:,');
}

/** HTML without quotes in blockquotes, or unchanged if nothing else would remain. Takes linear time. */
export function withoutQuotes(html: string): string {
  let out = '';
  let from = 0;
  let depth = 0;
  for (const { 0: tag, 1: slash, index } of html.matchAll(/<(\/?)blockquote\b[^<>]{0,1000}>/gi)) {
    if (slash === '') {
      if (depth === 0) out += html.slice(from, index);
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      from = index + tag.length;
    }
  }
  const bare = depth === 0 ? out + html.slice(from) : out;
  return isBlank(bare.replace(/<[^<>]*>/g, '')) ? html : bare;
}

/** The text without each section that begins with `open` and ends at the `>` after the next `close`. */
function without(html: string, open: string, close: string): string {
  const lower = html.toLowerCase();
  let out = '';
  let from = 0;
  for (let start = lower.indexOf(open); start !== -1; start = lower.indexOf(open, from)) {
    const closing = lower.indexOf(close, start + open.length);
    const end = closing === -1 ? -1 : lower.indexOf('>', closing);
    if (end === -1) break;
    out += html.slice(from, start);
    from = end + 1;
  }
  return out + html.slice(from);
}

/** The text of an e-mail that has only HTML. If the HTML has too much markup, only its tags are removed. */
export const textOfHtml = (html: string): string =>
  (safeHtml(html) === null ? bareHtml(html).replace(/<[^<>]*>/g, ' ') : converted(html)).trim();

const blocks = `address blockquote body caption center dd details dl dt fieldset figcaption figure form hr legend option
  summary tr`.split(/\s+/);

const converted = (html: string): string =>
  convert(html, {
    wordwrap: false,
    limits: { maxInputLength: mailBounds.html, maxDepth: 100, maxChildNodes: 20_000 },
    formatters: {
      cell: (element, walk, builder) => {
        builder.addInline(' ');
        walk(element.children, builder);
        builder.addInline(' ');
      },
    },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
      ...blocks.map((selector) => ({
        selector,
        format: 'block',
        options: { leadingLineBreaks: 1, trailingLineBreaks: 1 },
      })),
      ...['td', 'th', 'button', 'label'].map((selector) => ({ selector, format: 'cell' })),
    ],
  });
