import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AppError, InvalidInput } from '../../errors.js';
import { CommandFailure, describe, exitCodes, reasonOf } from '../shell/failure.js';
import { printable } from '../shell/output.js';
import { Progress } from '../shell/progress.js';
import type { Shell } from '../shell/shell.js';

/** One line of a file, or one record of several lines. */
export interface Entry {
  /** The number of the line on which it begins, counted from 1. */
  number: number;
  /** Its length, without the line feed at its end. */
  bytes: number;
  /** Its content, not yet validated. */
  value?: unknown;
  /** The reason why it has no value. */
  fault?: string;
}

/** What can be imported from a file. */
export interface ImportKind<Item, Result> {
  /** The item that an entry holds. Throws InvalidInput. */
  parse(value: unknown): Item;
  /** The keys of an item. Two items of one batch must not share any; the later one is written in the next batch. */
  keysOf(item: Item): readonly string[];
  /** Whether to report that a later line is the same item as an earlier one. */
  tellsRepeats?: boolean;
  /** The number of rows that the item writes, without events. At least 1. */
  weightOf(item: Item): number;
  /** Writes a batch at once. Returns for each item its result, or why it was refused. */
  write(batch: readonly Item[]): Promise<(Result | AppError)[]>;
  /** Called after the last batch. */
  finish(): Promise<void>;
}

export interface Source {
  stream: Readable;
  /** The length in bytes; undefined if it is not known in advance. */
  size: number | undefined;
}

/** The counts of an import. */
export interface FeedSummary {
  /** The number of lines that are not empty; for CSV, the number of records below the header. */
  lines: number;
  /** How many of them were not imported; each has been reported. */
  failed: number;
  seconds: number;
}

/** The maximum rows and bytes of a batch. While it is written, nobody else can use the embedded database. */
const maxWeight = 1_000;
const maxBytes = 1024 * 1024;

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
 * Imports entries in batches and in constant memory. Each invalid entry is reported with its line number; the valid
 * ones are imported. `onResult` is called for every imported item. `size` is the length of the file in bytes, if known.
 * @throws CommandFailure when it cannot continue
 */
export async function feed<Item, Result extends object>(
  shell: Shell,
  { entries, size }: { entries: AsyncIterable<Entry>; size: number | undefined },
  kind: ImportKind<Item, Result>,
  onResult: (result: Result) => void,
): Promise<FeedSummary> {
  const progress = new Progress(shell, size);
  let lines = 0;
  let failed = 0;
  let bytesRead = 0;
  let batch = emptyBatch<Item>();
  let writing: Promise<void> = Promise.resolve();

  const report = (line: number, error: AppError): void => {
    failed += 1;
    progress.clear();
    shell.err(`line ${line}: ${firstReason(error)}\n`);
  };
  const repeats = kind.tellsRepeats ? repeatsOf(kind) : null;
  const write = async ({ items, numbers }: Batch<Item>): Promise<void> => {
    const results = await kind.write(items);
    for (const [index, result] of results.entries()) {
      const number = numbers[index] ?? 0;
      if (result instanceof AppError) {
        report(number, result);
        continue;
      }
      onResult(result);
      const item = items[index];
      const earlier = item === undefined ? undefined : repeats?.note(item, number);
      if (earlier === undefined) continue;
      progress.clear();
      shell.err(`line ${number}: The same as line ${earlier}: the two lines became one.\n`);
    }
  };
  /** Begins to write the batch as soon as the previous one is written. The next one is read meanwhile. */
  const flush = async (): Promise<void> => {
    const full = batch;
    batch = emptyBatch();
    await writing;
    if (full.items.length > 0) writing = write(full);
    // The next await reports the error.
    writing.catch(() => undefined);
  };

  try {
    for await (const entry of entries) {
      lines += 1;
      bytesRead += entry.bytes + 1;
      const item = parsed(kind, entry);
      if (item instanceof AppError) {
        report(entry.number, item);
      } else {
        const keys = kind.keysOf(item);
        if (keys.some((key) => batch.keys.has(key))) await flush();
        batch.items.push(item);
        batch.numbers.push(entry.number);
        for (const key of keys) batch.keys.add(key);
        batch.weight += kind.weightOf(item);
        batch.bytes += entry.bytes;
        if (batch.weight >= maxWeight || batch.bytes >= maxBytes) await flush();
      }
      progress.show(lines, bytesRead);
    }
    await flush();
    await writing;
    await kind.finish();
  } catch (error) {
    await writing.catch(() => undefined);
    progress.clear();
    if (error instanceof CommandFailure) throw error;
    const message = `The import stopped after ${lines} lines: ${reasonOf(error)} Run it again: nothing is imported twice.`;
    throw new CommandFailure(message, exitCodes.failed);
  }
  progress.clear();
  return { lines, failed, seconds: progress.seconds };
}

/** How many keys of items are remembered. Repetitions of later keys are not reported. */
const maxRemembered = 100_000;
/** The size of the hash table. More than half of it stays free. */
const places = 2 ** 18;

/**
 * Finds lines whose items are the same as those of earlier lines, with a hash table of fixed size outside of the heap.
 */
function repeatsOf<Item>({ keysOf }: Pick<ImportKind<Item, unknown>, 'keysOf'>) {
  const names = new Float64Array(places);
  const lines = new Uint32Array(places);
  let remembered = 0;
  /** The slot of a key, or a free slot. */
  const placeOf = (name: number): number => {
    let place = name % places;
    while (names[place] !== 0 && names[place] !== name) place = (place + 1) % places;
    return place;
  };
  return {
    /** The earlier line; undefined if there is none. */
    note(item: Item, number: number): number | undefined {
      let earlier: number | undefined;
      for (const key of keysOf(item)) {
        const name = digestOf(key);
        const place = placeOf(name);
        if (names[place] === name) {
          if (lines[place] !== number) earlier ??= lines[place];
        } else if (remembered < maxRemembered) {
          names[place] = name;
          lines[place] = number;
          remembered += 1;
        }
      }
      return earlier;
    },
  };
}

/** A 48-bit hash of a key, so that no two of so many keys collide. */
const digestOf = (name: string): number => createHash('sha256').update(name).digest().readUIntBE(0, 6);

interface Batch<Item> {
  items: Item[];
  /** The number of each item's line. */
  numbers: number[];
  keys: Set<string>;
  weight: number;
  bytes: number;
}

const emptyBatch = <Item>(): Batch<Item> => ({ items: [], numbers: [], keys: new Set(), weight: 0, bytes: 0 });

function parsed<Item, Result>(kind: ImportKind<Item, Result>, { value, fault }: Entry): Item | AppError {
  if (fault !== undefined) return new InvalidInput([{ path: [], message: fault }]);
  try {
    return kind.parse(value);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** A line can have thousands of errors. Only the first one is reported. */
function firstReason(error: AppError): string {
  const issues =
    error instanceof InvalidInput ? error.issues : [{ path: error.details.path ?? [], message: error.message }];
  const [first, ...others] = issues.map(describe);
  return printable(others.length === 0 ? `${first}` : `${first} (and ${others.length} more)`);
}
