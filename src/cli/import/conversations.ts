import type { Command } from 'commander';
import type { ImportedConversationResult } from '../../modules/conversation/conversation.import.js';
import { operatorOf } from '../../modules/workspace/caller.js';
import { CommandFailure, exitCodes } from '../failure.js';
import { type OutputOptions, print, withJson } from '../output.js';
import { withSession } from '../session.js';
import type { Shell } from '../shell.js';
import { type FeedSummary, feed, openSource } from './feed.js';
import { readJsonLines } from './json-lines.js';
import { readLines } from './lines.js';

/** What an import did. */
interface Summary extends FeedSummary {
  customersCreated: number;
  conversationsCreated: number;
  /** Conversations that were there and got new messages, or whose customer got its externalId. */
  conversationsUpdated: number;
  messagesCreated: number;
  /** Lines that brought nothing new. */
  unchanged: number;
}

const help = `
Each line is one conversation as JSON:
  {"externalId": "conv_1", "team": "Support", "source": "CHAT",
   "customer": {"externalId": "u1", "name": "Jane", "email": "jane@example.com"},
   "messages": [{"direction": "INBOUND", "author": "Jane", "text": "Hi", "sentAt": "2024-05-01T09:30:00Z"}]}

Run it as often as you like: what is there already is not written again, and a conversation that has
grown gets its new messages. A bad line is reported by its number, and the others are imported.
Exit code: 0 all lines are imported, 1 some are not, 2 the arguments or the file cannot be used.`;

export function addConversationImport(group: Command, shell: Shell): void {
  withJson(group.command('conversations'))
    .description('Import conversations with their messages and customers from a file of JSON lines.')
    .argument('<file>', 'the file, - for standard input')
    .requiredOption('--workspace <id>', 'where they are imported to')
    .addHelpText('after', help)
    .action(async (path: string, { workspace, ...output }: OutputOptions & { workspace: string }) => {
      const summary = await importConversations(shell, path, workspace);
      print(shell, output, summary, describe(summary));
      if (summary.failed === 0) return;
      throw new CommandFailure(`Not imported: ${summary.failed} of ${summary.lines} lines.`, exitCodes.failed);
    });
}

/** Throws CommandFailure when the file cannot be read, NOT_FOUND for the workspace. */
async function importConversations(shell: Shell, path: string, workspace: string): Promise<Summary> {
  const source = await openSource(shell, path);
  try {
    return await withSession(shell, async ({ db, services }) => {
      await services.workspaces.get(workspace);
      const { conversationImporter } = await import('../../modules/conversation/conversation.import.js');
      const importer = conversationImporter(db, operatorOf(workspace));
      const done = {
        customersCreated: 0,
        conversationsCreated: 0,
        conversationsUpdated: 0,
        messagesCreated: 0,
        unchanged: 0,
      };
      const count = (result: ImportedConversationResult): void => {
        if (result.customerCreated) done.customersCreated += 1;
        if (result.result === 'CREATED') done.conversationsCreated += 1;
        else if (result.result === 'UPDATED') done.conversationsUpdated += 1;
        else done.unchanged += 1;
        done.messagesCreated += result.messagesCreated;
      };
      const { lines, failed, seconds } = await feed(
        shell,
        { entries: readJsonLines(readLines(source.stream)), size: source.size },
        {
          ...importer,
          keysOf: ({ id, externalId }) => [
            ...(externalId == null ? [] : [`externalId ${externalId}`]),
            ...(id == null ? [] : [`id ${id}`]),
          ],
          // Itself and its customer.
          weightOf: (conversation) => conversation.messages.length + 2,
        },
        count,
      );
      return { lines, ...done, failed, seconds };
    });
  } finally {
    source.stream.destroy();
  }
}

const describe = (summary: Summary): string =>
  [
    `Read ${summary.lines} lines in ${summary.seconds.toFixed(1)} s:`,
    `  created    ${summary.customersCreated} customers, ${summary.conversationsCreated} conversations, ${summary.messagesCreated} messages`,
    `  updated    ${summary.conversationsUpdated} conversations`,
    `  unchanged  ${summary.unchanged} conversations`,
    `  failed     ${summary.failed} lines`,
  ].join('\n');
