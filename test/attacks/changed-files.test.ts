import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryStorage } from '../../src/lib/storage/directory.js';
import { memoryStorage } from '../../src/lib/storage/memory.js';
import { run } from '../cli/run.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, postMail } from '../kit/mail.js';
import { type Story, tellStory } from '../kit/story.js';
import { temporaryDirectory } from '../kit/temporary.js';

/** Files that are not what they were, or what they should be: cut, longer, pipes and devices. */

let directory: string;
let server: TestServer;
let story: Story;
let path: string;
/** What the storage has in the place of each content. */
let changed: ((content: Buffer) => Buffer) | undefined;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const contents = new Map<string, Buffer>();
  const storage = {
    ...memoryStorage(),
    put: async (key: string, content: Uint8Array) => void contents.set(key, Buffer.from(content)),
    async open(key: string) {
      const content = contents.get(key);
      return content ? Readable.from([changed?.(content) ?? content], { objectMode: false }) : null;
    },
  };
  server = await startTestServer({ files: { storage } });
  story = await tellStory(server);
  const { body } = await postMail(server, story.desk, mail({ To: `${story.mailbox.address}` }));
  const url = new URL(await server.services.files.links.urlOf(story.desk.workspaceId, body.messageId));
  path = url.pathname + url.search;
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

/** All that comes on one connection on which a file is asked for, and then whether the gateway is well. */
async function answersTo(...paths: string[]): Promise<string> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  await once(socket, 'connect');
  const last = paths.length - 1;
  for (const [at, asked] of paths.entries()) {
    socket.write(`GET ${asked} HTTP/1.1\r\nHost: a\r\n${at === last ? 'Connection: close\r\n' : ''}\r\n`);
  }
  return text(socket);
}

test('no answer is taken for the rest of a file that was cut, nor the rest of a longer one for an answer', async () => {
  changed = undefined;
  expect((await answersTo(path, '/health')).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  const foreign = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged');
  for (const change of [
    (content: Buffer) => content.subarray(0, -10),
    (content: Buffer) => Buffer.concat([content, foreign]),
  ]) {
    changed = change;
    const answers = await answersTo(path, '/health');
    expect(answers).not.toContain('forged');
    expect(answers).not.toContain('"status":"ok"');
  }
});

test('pipes, devices and directories are no stored files, and nobody waits for them', async () => {
  await mkdir(join(directory, 'aa'));
  execFileSync('mkfifo', [join(directory, 'aa/pipe')]);
  await symlink('/dev/zero', join(directory, 'aa/device'));
  const storage = directoryStorage(directory);
  for (const key of ['aa/pipe', 'aa/device', 'aa', 'aa/none']) expect(await storage.open(key)).toBeNull();
});

test('an import passes over what is no file', async () => {
  const digest = 'ab'.repeat(32);
  await mkdir(join(directory, 'ab'));
  execFileSync('mkfifo', [join(directory, 'ab', digest)]);
  const exported = await run(['export', 'conversations', '--workspace', story.desk.workspaceId]);
  const first = exported.out.split('\n').find((line) => line.includes('"messages"')) ?? '';
  const line = JSON.parse(first) as { messages: { attachments?: unknown[] }[] };
  for (const message of line.messages) {
    message.attachments = [{ fileName: 'a', url: null, contentType: null, sizeBytes: 1, digest }];
  }
  const input = JSON.stringify(line);
  const workspace = (await server.createDesk()).workspaceId;
  const imported = await run(['import', 'conversations', '-', '--workspace', workspace, '--files', directory], {
    input,
  });
  expect(imported.err).not.toContain('stopped');
  expect(imported.out).toMatch(/^Read 1 lines/);
});

test('a manifest without end is not read to its end', async () => {
  const { code, err } = await run(['documents', 'upload', '/dev/zero', '--workspace', story.desk.workspaceId]);
  expect([code, err]).toEqual([2, expect.stringContaining('has at most')]);
});
