import { InexactJson, requireExactJson } from '../../lib/json/exact-json.js';
import type { Entry } from './feed.js';
import type { Line } from './lines.js';

/** The JSON value of each line. Blank lines are left out. */
export async function* readJsonLines(lines: AsyncIterable<Line>): AsyncGenerator<Entry> {
  for await (const { number, bytes, text, fault } of lines) {
    if (text === undefined) yield { number, bytes, fault: fault ?? 'Cannot be read.' };
    else if (text.trim() !== '') yield { number, bytes, ...parse(text) };
  }
}

/** Whether the line is a part of a value that spans several lines, or has several values. */
const isPiece = (text: string): boolean =>
  /^\s*[[{\]}]\s*,?\s*$|^\s*[[{].*,\s*$|\}\s*,?\s*[\]{]/.test(text.slice(0, 500));

function parse(text: string): Pick<Entry, 'value' | 'fault'> {
  try {
    requireExactJson(Buffer.from(text));
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof InexactJson) return { fault: `${error.path.join('.') || 'The line'} ${error.message}.` };
    return {
      fault: isPiece(text) ? 'Must be JSON: one whole value on each line, and nothing between them.' : 'Must be JSON.',
    };
  }
}
