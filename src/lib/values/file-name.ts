/** Characters that reverse the direction of others: `invoice\u202efdp.exe` looks like a PDF file. */
const turns = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * A file name from an unknown sender in a safe form: on one line, without a directory, and with at most `max`
 * characters, of which the extension is kept. Null when nothing is left.
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
  // The cut may split a character.
  const begin = name.slice(0, max - ending.length).replace(/[\ud800-\udbff]$/, '');
  return `${begin.trimEnd()}${ending}`;
}
