import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AppError, InvalidInput } from '../../errors.js';
import { CommandFailure, describe, exitCodes, reasonOf } from '../failure.js';
import { printable } from '../output.js';
import type { Shell } from '../shell.js';
import { type Line, readLines } from './lines.js';
import { Progress } from './progress.js';

/** What can be imported from a file of JSON lines. */
export interface ImportKind<Item, Result> {
  /** The item that a line holds. Throws InvalidInput. */
  parse(value: unknown): Item;
  /** What no two items of one batch may share: the later one is written after the earlier one. */
  keyOf(item: Item): string;
  /** How many rows the item is about to write. */
  weightOf(item: Item): number;
  /** Writes a batch at once, and answers for each item what became of it, or why it was refused. */
  write(batch: readonly Item[]): Promise<(Result | AppError)[]>;
  /** Called after the last batch. */
  finish(): Promise<void>;
}

export interface Source {
  stream: Readable;
  /** Bytes; undefined where the length is not known beforehand. */
  size: number | undefined;
}

/** What was read, whatever became of it. */
export interface FeedSummary {
  /** Lines that are not empty. */
  lines: number;
  /** How many of them were not imported; each has been reported. */
  failed: number;
  seconds: number;
}

/** A batch ends when it has this many items, rows or bytes. While it is written nobody else has the embedded database. */
const maxItems = 200;
const maxWeight = 1_000;
const maxBytes = 4 * 1024 * 1024;

/** Opens the file to import, standard input for "-". Throws CommandFailure when it cannot be read. */
export async function openSource(shell: Shell, path: string): Promise<Source> {
  if (path === '-') return { stream: shell.input(), size: undefined };
  try {
    const file = await open(path);
    const status = await file.stat();
    if (!status.isDirectory()) return { stream: file.createReadStream(), size: status.size || undefined };
    await file.close();
  } catch (error) {
    throw new CommandFailure(`${path} cannot be read: ${reasonOf(error)}`, exitCodes.unusable);
  }
  throw new CommandFailure(`${path} is a directory.`, exitCodes.unusable);
}

/**
 * Imports a file line by line, in batches and in constant memory. Each bad line is reported by its number, the good
 * ones are kept; `onResult` is told of every item that was imported. Throws CommandFailure when it cannot go on.
 */
export async function feed<Item, Result extends object>(
  shell: Shell,
  { stream, size }: Source,
  kind: ImportKind<Item, Result>,
  onResult: (result: Result) => void,
): Promise<FeedSummary> {
  const progress = new Progress(shell, size);
  let lines = 0;
  let failed = 0;
  let bytesRead = 0;
  let batch = emptyBatch<Item>();

  const report = (line: number, error: AppError): void => {
    failed += 1;
    progress.clear();
    shell.err(`line ${line}: ${firstReason(error)}\n`);
  };
  const flush = async (): Promise<void> => {
    const { items, numbers } = batch;
    batch = emptyBatch();
    if (items.length === 0) return;
    const results = await kind.write(items);
    for (const [index, result] of results.entries()) {
      if (result instanceof AppError) report(numbers[index] ?? 0, result);
      else onResult(result);
    }
  };

  try {
    for await (const line of readLines(stream)) {
      lines += 1;
      bytesRead += line.bytes + 1;
      const item = parsed(kind, line);
      if (item instanceof AppError) {
        report(line.number, item);
      } else {
        if (batch.keys.has(kind.keyOf(item))) await flush();
        batch.items.push(item);
        batch.numbers.push(line.number);
        batch.keys.add(kind.keyOf(item));
        batch.weight += kind.weightOf(item);
        batch.bytes += line.bytes;
        if (batch.items.length >= maxItems || batch.weight >= maxWeight || batch.bytes >= maxBytes) await flush();
      }
      progress.show(lines, bytesRead);
    }
    await flush();
    await kind.finish();
  } catch (error) {
    progress.clear();
    const message = `The import stopped after ${lines} lines: ${reasonOf(error)} Run it again: nothing is imported twice.`;
    throw new CommandFailure(message, exitCodes.failed);
  }
  progress.clear();
  return { lines, failed, seconds: progress.seconds };
}

const emptyBatch = <Item>() => ({
  items: [] as Item[],
  /** The number of each item's line. */
  numbers: [] as number[],
  keys: new Set<string>(),
  weight: 0,
  bytes: 0,
});

function parsed<Item, Result>(kind: ImportKind<Item, Result>, { text, fault }: Line): Item | AppError {
  if (text === undefined) return notALine(fault ?? 'Cannot be read.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return notALine('Must be JSON.');
  }
  try {
    return kind.parse(value);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

const notALine = (message: string): AppError => new InvalidInput([{ path: [], message }]);

/** A line may be wrong in thousands of ways at once: the first one tells. */
function firstReason(error: AppError): string {
  const issues =
    error instanceof InvalidInput ? error.issues : [{ path: error.details.path ?? [], message: error.message }];
  const [first, ...others] = issues.map(describe);
  return printable(others.length === 0 ? `${first}` : `${first} (and ${others.length} more)`);
}
