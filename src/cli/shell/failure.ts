import { CommanderError } from 'commander';
import { faultOf } from '../../db/faults/faults.js';
import { AppError, InvalidInput } from '../../errors.js';
import { printable } from './output.js';

/** The exit codes of commands. */
export const exitCodes = {
  done: 0,
  /** The command was run and failed, at least in part. */
  failed: 1,
  /** The command was not run, because its arguments are invalid. */
  unusable: 2,
} as const;

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with one line on standard error. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
  }
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.unusable;
  if (error instanceof CommandFailure) return error.exitCode;
  const unusable = error instanceof AppError && (error.code === 'BAD_USER_INPUT' || error.code === 'NOT_FOUND');
  return unusable ? exitCodes.unusable : exitCodes.failed;
}

/** The reason of a failure in one line, as `path: message` if the path is known. */
export function reasonOf(error: unknown): string {
  if (error instanceof InvalidInput) return printable(error.issues.map(describe).join(' '));
  if (error instanceof AppError) return printable(describe({ path: error.details.path ?? [], message: error.message }));
  if (!(error instanceof Error)) return printable(String(error));
  // Prisma gives the reason in the last of several lines. An AggregateError, for a host with several addresses, has no
  // message.
  const lines = error.message.split('\n').filter((line) => line.trim() !== '');
  const part: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const reason = lines.at(-1)?.trim() ?? (part === undefined ? error.name : reasonOf(part));
  const fault = faultOf(error);
  return printable(fault && fault.words !== reason ? `${fault.words} (${reason.replace(/\.$/, '')})` : reason);
}

/** Formats an error as `messages[3].sentAt: message`; without a path, only the message. */
export function describe({ path, message }: { path: readonly (string | number)[]; message: string }): string {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return place === '' ? message : `${place.replace(/^\./, '')}: ${message}`;
}
