import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryStorage } from '../../src/lib/storage/directory.js';
import { openTestApp, type TestApp } from '../kit/app.js';
import { mail, multipart } from '../kit/mail.js';
import { temporaryDirectory } from '../kit/temporary.js';
import { run, runJson } from './run.js';

let testApp: TestApp;
let directory: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  testApp = await openTestApp({ files: { storage: directoryStorage(join(directory, 'stored')) } });
});
afterAll(async () => {
  await testApp.close();
  await rm(directory, { recursive: true });
});

test('mails and files go with an export to another workspace', async () => {
  const [from, to, bare] = [await testApp.createDesk(), await testApp.createDesk(), await testApp.createDesk()];
  const { channels, inboundMail, files } = testApp.services;
  await channels.create(from.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  const parts = multipart(
    'b',
    'Content-Type: text/plain\r\n\r\nHi',
    'Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF',
  );
  const raw = mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, parts);
  const posted = { contentType: 'message/rfc822', body: Buffer.from(raw), channelId: null };
  expect(await inboundMail.take(from.operator, posted)).toMatchObject({ result: 'CREATED' });

  const storage = directoryStorage(join(directory, 'stored'));
  const [lines, beside] = [join(directory, 'out.jsonl'), join(directory, 'beside')];
  const wholeExport = [
    'export',
    'conversations',
    '--workspace',
    from.workspaceId,
    '--output',
    lines,
    '--files',
    beside,
  ];
  expect(await runJson(wholeExport, { storage })).toMatchObject({ conversations: 1, messages: 1, files: 2 });
  const names = (await readdir(beside, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(names).toHaveLength(2);

  const into = (workspace: string, ...more: string[]) =>
    run(['import', 'conversations', lines, '--workspace', workspace, ...more], { storage });
  expect(await into(to.workspaceId, '--files', beside)).toMatchObject({ code: 0 });
  expect(await into(bare.workspaceId)).toMatchObject({ code: 0 });

  const { prisma } = testApp.database;
  const filesOf = async ({ workspaceId }: { workspaceId: string }) => {
    const message = await prisma.message.findFirstOrThrow({ where: { workspaceId }, include: { attachments: true } });
    const digests = [message.rawDigest, message.attachments[0]?.digest ?? null];
    return Promise.all(digests.map(async (digest) => digest && String(await files.read(workspaceId, digest))));
  };
  expect(await filesOf(to)).toEqual([raw, '%PDF']);
  expect(await filesOf(bare)).toEqual([null, null]);
  expect(await prisma.storedFile.count({ where: { workspaceId: to.workspaceId, expiresAt: null } })).toBe(2);

  const again = join(directory, 'again.jsonl');
  const second = ['export', 'conversations', '--workspace', to.workspaceId, '--output', again, '--files', beside];
  expect(await runJson(second, { storage })).toMatchObject({ files: 2 });
});
