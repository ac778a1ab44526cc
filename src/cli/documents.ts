import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { badInput } from '../errors.js';
import { type OutputOptions, print, table, withJson } from './shell/output.js';
import { withSession } from './shell/session.js';
import type { Shell } from './shell/shell.js';

/** Larger than ten thousand documents of ordinary length. */
const maxManifestBytes = 64 * 1_024 * 1_024;

interface OfWorkspace extends OutputOptions {
  workspace: string;
}

export function addDocumentCommands(program: Command, shell: Shell): void {
  const documents = program
    .command('documents')
    .description('Manage trusted documents: operations that clients send by id instead of as text.');

  withJson(documents.command('upload'))
    .description('Add the operations of a manifest of relay-compiler, Apollo or graphql-codegen.')
    .argument('<file>', 'the JSON manifest')
    .requiredOption('--workspace <id>', 'id of the workspace whose keys may run them')
    .action(async (file: string, { workspace, ...output }: OfWorkspace) => {
      const [{ readManifest }, { checkDocuments }] = await Promise.all([
        import('../graphql/documents/manifest.js'),
        import('../graphql/documents/check.js'),
      ]);
      const checked = checkDocuments(readManifest(await read(file)));
      const added = await withSession(shell, ({ services }) => services.trustedDocuments.upload(workspace, checked));
      const known = checked.length - added;
      print(shell, output, { added, known }, `Added ${added} documents; ${known} were known.`);
    });

  withJson(documents.command('list'))
    .description('List the documents of a workspace.')
    .requiredOption('--workspace <id>', 'id of the workspace')
    .action(async ({ workspace, ...output }: OfWorkspace) => {
      const list = await withSession(shell, ({ services }) => services.trustedDocuments.list(workspace));
      const rows = list.map(({ id, name, createdAt }) => [id, name ?? '-', createdAt.toISOString()]);
      print(shell, output, list, table(['ID', 'NAME', 'ADDED'], rows, 'No documents.'));
    });

  withJson(documents.command('remove'))
    .description('Remove documents. Gateways refuse them within 10 seconds.')
    .requiredOption('--workspace <id>', 'id of the workspace')
    .option('--id <id...>', 'ids of the documents; repeatable')
    .option('--all', 'remove all documents')
    .action(async ({ workspace, id, all, ...output }: OfWorkspace & { id?: string[]; all?: true }) => {
      if ((id === undefined) === (all === undefined)) throw badInput(['id'], 'Give either --id or --all.');
      const removed = await withSession(shell, ({ services }) =>
        services.trustedDocuments.remove(workspace, id ?? 'ALL'),
      );
      print(shell, output, { removed }, `Removed ${removed} documents.`);
    });
}

async function read(file: string): Promise<string> {
  // The length of a pipe or device is not known in advance.
  const content = await buffer(createReadStream(file, { end: maxManifestBytes })).catch(() => {
    throw badInput(['file'], `${file} cannot be read.`);
  });
  if (content.length > maxManifestBytes) throw badInput(['file'], `A manifest has at most ${maxManifestBytes} bytes.`);
  return content.toString();
}
