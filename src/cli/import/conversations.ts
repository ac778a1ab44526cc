import type { Command } from 'commander';
import { operatorOf } from '../../auth/caller.js';
import type { ImportedConversation } from '../../modules/conversation/import/conversation.import.input.js';
import type { ImportedConversationResult } from '../../modules/conversation/import/conversation.import.js';
import type { Shell } from '../shell/shell.js';
import { addImport } from './command.js';
import { readJsonLines } from './json-lines.js';

const help = `
Each line is one conversation as JSON:
  {"externalId": "conv_1", "team": "Support", "source": "CHAT",
   "customer": {"externalId": "u1", "name": "Jane", "email": "jane@example.com"},
   "messages": [{"direction": "INBOUND", "author": "Jane", "text": "Hi", "sentAt": "2024-05-01T09:30:00Z"}]}

Run it as often as you like: what is there already is not written again, and a conversation that has
grown gets its new messages. A bad line is reported by its number, and the others are imported.`;

export const addConversationImport = (group: Command, shell: Shell): void =>
  addImport(group, shell, {
    name: 'conversations',
    description: 'Import conversations with their messages and customers from a file of JSON lines.',
    help,
    readerOf: () => readJsonLines,
    async open({ db, services }, workspace) {
      await services.workspaces.get(workspace);
      const { conversationImporter } = await import('../../modules/conversation/import/conversation.import.js');
      return {
        ...conversationImporter(db, operatorOf(workspace)),
        keysOf: ({ id, externalId }: ImportedConversation) => [
          ...(externalId == null ? [] : [`externalId ${externalId}`]),
          ...(id == null ? [] : [`id ${id}`]),
        ],
        // Itself and its customer.
        weightOf: ({ messages }: ImportedConversation) => messages.length + 2,
      };
    },
    // Updated are those that were there and got new messages, or whose customer got its externalId.
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
