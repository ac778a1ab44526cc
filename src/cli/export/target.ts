import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { type Duplex, PassThrough, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandFailure, exitCodes, reasonOf } from '../shell/failure.js';
import type { Shell } from '../shell/shell.js';

/** The size of the chunks that are written: one write for each line would cost more than reading the line. */
const chunkCharacters = 64 * 1024;

/**
 * Writes the texts to a file or to standard output, no faster than these accept them. For a file, `coded` can add a
 * transformation such as compression. A file gets its final name when it is complete. The reader of standard output may
 * stop early, as head does.
 * @throws CommandFailure when the file cannot be written; errors of `texts`
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
  // In a directory that others can write to, they could prepare a link or file under a name that they can guess.
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
  // The file contains customers' data, so nobody else may read it.
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

/** False for a device or a pipe, which must not be replaced by a file. */
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
