/** Text whose lines were broken to be sent (RFC 3676, format=flowed), with each paragraph in one line again. */

interface Paragraph {
  /** Those of a quote. */
  marks: string;
  depth: number;
  lines: string[];
  /** Whether its last line goes on in the next one. */
  goesOn: boolean;
}

const signature = '-- ';

/** `isDelSp` says that the blank at the end of a line was only added to break it. */
export function textOfFlowed(flowed: string, isDelSp: boolean): string {
  const paragraphs: Paragraph[] = [];
  for (const line of flowed.split('\n')) {
    // Some programs write blanks between the marks.
    const [marks = ''] = /^>(?: ?>)*/.exec(line) ?? [];
    const depth = marks.replaceAll(' ', '').length;
    const rest = line.slice(marks.length);
    const content = rest.startsWith(' ') ? rest.slice(1) : rest;
    // A blank line is seen as one, also behind a line that somebody has ended with a blank.
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
