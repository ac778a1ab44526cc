/**
 * Joins the lines of text that was wrapped for sending (RFC 3676, format=flowed), so that each paragraph is one line.
 */

interface Paragraph {
  /** The quote marks. */
  marks: string;
  depth: number;
  lines: string[];
  /** Whether its last line continues in the next line. */
  goesOn: boolean;
}

const signature = '-- ';

/** `isDelSp` tells that the blank at the end of a line was added only for wrapping. */
export function textOfFlowed(flowed: string, isDelSp: boolean): string {
  const paragraphs: Paragraph[] = [];
  for (const line of flowed.split('\n')) {
    // Some programs write blanks between the quote marks.
    const [marks = ''] = /^>(?: ?>)*/.exec(line) ?? [];
    const depth = marks.replaceAll(' ', '').length;
    const rest = line.slice(marks.length);
    const content = rest.startsWith(' ') ? rest.slice(1) : rest;
    // A blank line stays a blank line, even after a line that ends with a blank.
    const isAlone = content === signature || content === '';
    const goesOn = !isAlone && content.endsWith(' ');
    const own = goesOn && isDelSp ? content.slice(0, -1) : content;
    const last = paragraphs.at(-1);
    if (last?.goesOn && last.depth === depth && !isAlone) {
      last.lines.push(own);
      last.goesOn = goesOn;
    } else paragraphs.push({ marks, depth, lines: [own], goesOn });
  }
  return paragraphs.map(lineOf).join('\n');
}

function lineOf({ marks, lines, goesOn }: Paragraph): string {
  const content = lines.join('');
  const text = goesOn ? content.trimEnd() : content;
  return marks === '' || text === '' ? marks + text : `${marks} ${text}`;
}
