import { Option } from 'commander';
import { CommandFailure, exitCodes } from '../shell/failure.js';

export const formats = ['csv', 'jsonl'] as const;
export type Format = (typeof formats)[number];

export const formatOption = (): Option =>
  new Option('--format <format>', 'format of the file (default: by its extension)').choices(formats);

/** @throws CommandFailure for a name whose extension is not known. */
export function formatOf(path: string): Format {
  if (/\.csv$/i.test(path)) return 'csv';
  if (/\.(jsonl|ndjson)$/i.test(path)) return 'jsonl';
  throw new CommandFailure(`--format must say whether ${path} is csv or jsonl.`, exitCodes.unusable);
}
