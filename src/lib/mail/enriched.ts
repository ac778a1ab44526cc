/** Reads text with the markup of RFC 1896 (text/enriched) and RFC 1341 (text/richtext). */

const command = /<<|<(\/?[a-z][\w-]{0,59})>/gi;
const breaks: Readonly<Record<string, string>> = {
  nl: '\n',
  np: '\n',
  paragraph: '\n\n',
  '/paragraph': '\n\n',
  lt: '<',
};
/** Commands whose content is not shown. */
const hidden = new Set(['param', 'comment']);

/**
 * The text without its commands. In enriched text a single line break is a blank, and a series of line breaks has one
 * less.
 */
export function textOfEnriched(marked: string): string {
  let out = '';
  let from = 0;
  let hiddenBy: string | null = null;
  for (const { 0: found, 1: given, index } of marked.matchAll(command)) {
    if (hiddenBy === null) out += joined(marked.slice(from, index));
    from = index + found.length;
    const name = given?.toLowerCase() ?? '<';
    if (hiddenBy !== null) {
      if (name === `/${hiddenBy}`) hiddenBy = null;
    } else if (hidden.has(name)) hiddenBy = name;
    else out += given === undefined ? '<' : (breaks[name] ?? '');
  }
  return hiddenBy === null ? out + joined(marked.slice(from)) : out;
}

const joined = (text: string): string =>
  text.replace(/\n+/g, (feeds) => (feeds.length === 1 ? ' ' : '\n'.repeat(feeds.length - 1)));
