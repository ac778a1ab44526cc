import { type Command, Option } from 'commander';
import { operatorOf } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import type { ImportedConversation } from '../../modules/conversation/import/conversation.import.input.js';
import type { ImportedConversationResult } from '../../modules/conversation/import/conversation.import.js';
import type { Shell } from '../shell/shell.js';
import { addImport } from './command.js';
import { readJsonLines } from './json-lines.js';
import { conversationOfIntercom } from './vendors/intercom.js';
import { conversationOfZendesk } from './vendors/zendesk.js';

const formats = ['deskgraph', 'zendesk', 'intercom'] as const;
type Format = (typeof formats)[number];

/** Converts a line of each format to the gateway's own. */
const converters: Record<Format, (value: unknown) => unknown> = {
  deskgraph: (value) => value,
  zendesk: conversationOfZendesk,
  intercom: conversationOfIntercom,
};

const help = `
Each line is one conversation as JSON:
  {"externalId": "conv_1", "team": "Support", "source": "CHAT",
   "customer": {"externalId": "u1", "name": "Jane", "email": "jane@example.com"},
   "messages": [{"direction": "INBOUND", "author": "Jane", "text": "Hi", "sentAt": "2024-05-01T09:30:00Z"}]}

With --format zendesk, each line is a ticket of a JSON export of Zendesk; with --format intercom, a conversation of
Intercom with its parts.

Safe to repeat: existing data is not written again, and new messages are added to existing conversations.
Invalid lines are reported by number, and the other lines are imported.`;

/** Returns a function that stores the files, from the directory, to which the messages of a batch refer. */
async function bringerOf(shell: Shell, db: Database, workspace: string, directory: string) {
  const { importFiles, openDirectory, openFiles } = await import('../../modules/file/file.transfer.js');
  const [files, source] = [openFiles(db, { storage: await shell.openStorage() }), openDirectory(directory)];
  const { storedFilesOf } = await import('../../modules/conversation/import/conversation.import.input.js');
  return (batch: readonly ImportedConversation[]): Promise<void> =>
    importFiles(files, workspace, source, batch.flatMap(storedFilesOf));
}

export const addConversationImport = (group: Command, shell: Shell): void =>
  addImport(group, shell, {
    name: 'conversations',
    description: 'Import conversations with their messages and customers from a file of JSON lines.',
    help,
    options: [
      new Option('--files <directory>', 'directory that export conversations --files wrote'),
      new Option('--format <format>', 'format of the lines').choices(formats).default('deskgraph'),
    ],
    readerOf: () => readJsonLines,
    async open({ db, services }, workspace, { files, format = 'deskgraph' }: { files?: string; format?: Format }) {
      await services.workspaces.get(workspace);
      const { conversationImporter } = await import('../../modules/conversation/import/conversation.import.js');
      const importer = conversationImporter(db, operatorOf(workspace));
      const bring = files === undefined ? undefined : await bringerOf(shell, db, workspace, files);
      return {
        ...importer,
        parse: (value: unknown) => importer.parse(converters[format](value)),
        async write(batch: readonly ImportedConversation[]) {
          await bring?.(batch);
          return importer.write(batch);
        },
        keysOf: ({ id, externalId }: ImportedConversation) => [
          ...(externalId == null ? [] : [`externalId ${externalId}`]),
          ...(id == null ? [] : [`id ${id}`]),
        ],
        // The messages, the conversation and its customer.
        weightOf: ({ messages }: ImportedConversation) => messages.length + 2,
      };
    },
    // `updated` counts existing conversations that got new messages, or whose customer got its externalId.
    begin: () => ({
      customersCreated: 0,
      conversationsCreated: 0,
      conversationsUpdated: 0,
      messagesCreated: 0,
      unchanged: 0,
    }),
    count(done, { result, customerCreated, messagesCreated }: ImportedConversationResult) {
      if (customerCreated) done.customersCreated += 1;
      if (result === 'CREATED') done.conversationsCreated += 1;
      else if (result === 'UPDATED') done.conversationsUpdated += 1;
      else done.unchanged += 1;
      done.messagesCreated += messagesCreated;
    },
    tell: (done) => [
      [
        'created',
        `${done.customersCreated} customers, ${done.conversationsCreated} conversations, ${done.messagesCreated} messages`,
      ],
      ['updated', `${done.conversationsUpdated} conversations`],
      ['unchanged', `${done.unchanged} conversations`],
    ],
  });
