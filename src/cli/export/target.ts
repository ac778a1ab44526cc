import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { type Duplex, PassThrough, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandFailure, exitCodes, reasonOf } from '../shell/failure.js';
import type { Shell } from '../shell/shell.js';

/** Lines are handed on this many characters at a time: a write for each of them would cost more than to read it. */
const chunkCharacters = 64 * 1024;

/**
 * Writes the texts to a file, or to standard output, no faster than these take them in; to a file through `coded`, such as
 * a compression, if that is given. A file gets its name when it is complete. Whoever reads standard output may stop before the end, as head does.
 * Throws CommandFailure when the file cannot be written, and whatever `texts` throws.
 */
export async function writeTo(
  shell: Pick<Shell, 'output'>,
  file: string | undefined,
  texts: AsyncIterable<string>,
  coded: Duplex = new PassThrough(),
): Promise<void> {
  if (file === undefined) {
    await pipeline(inChunks(texts), shell.output(), { end: false }).catch(unlessClosed);
    return;
  }
  if (!(await isReplaceable(file))) return writeFile(file, 'w', texts, coded);
  // In a directory that others write to as well, a name that they can guess may be a link or a file of theirs.
  const draft = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(draft, 'wx', texts, coded);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function writeFile(path: string, flags: 'w' | 'wx', texts: AsyncIterable<string>, coded: Duplex): Promise<void> {
  // Customers' data: for nobody else to read.
  const stream: Writable = createWriteStream(path, { flags, mode: 0o600 });
  let failure: Error | undefined;
  stream.once('error', (error) => {
    failure = error;
  });
  try {
    await pipeline(inChunks(texts), coded, stream);
  } catch (error) {
    if (error !== failure) throw error;
    throw new CommandFailure(`${path} cannot be written: ${reasonOf(error)}`, exitCodes.unusable);
  }
}

/** False for a device or a pipe, which no file may take the place of. */
async function isReplaceable(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory()) throw new CommandFailure(`${path} is a directory.`, exitCodes.unusable);
  return status?.isFile() ?? true;
}

async function* inChunks(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = '';
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < chunkCharacters) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function unlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}
