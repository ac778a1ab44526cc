/** Characters that reverse the order of others: `invoice\u202efdp.exe` is shown as if it were a PDF file. */
const turns = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * The name of a file that a stranger gave it, as it may be shown and saved: on one line, of no other directory, and of at most
 * `max` characters, of which the ending is kept. Null for what is no name.
 */
export function fileNameOf(given: string, max: number): string | null {
  const name = given
    .replace(turns, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[/\\]/g, '_')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();
  if (/^\.*$/.test(name)) return null;
  if (name.length <= max) return name;
  const [ending = ''] = /\.[^.\s]{1,10}$/.exec(name) ?? [];
  // The cut may go through a character.
  const begin = name.slice(0, max - ending.length).replace(/[\ud800-\udbff]$/, '');
  return `${begin.trimEnd()}${ending}`;
}
