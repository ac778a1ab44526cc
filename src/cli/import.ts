import type { Command } from 'commander';
import { addConversationImport } from './import/conversations.js';
import { addCustomerImport } from './import/customers.js';
import { addPurchaseImport } from './import/purchases.js';
import type { Shell } from './shell/shell.js';

/** The import commands. Each kind of data has a file in `import/`; `import/command.ts` is their common part. */
export function addImportCommands(program: Command, shell: Shell): void {
  const group = program.command('import').description('Import data from files into a workspace.');
  addConversationImport(group, shell);
  addCustomerImport(group, shell);
  addPurchaseImport(group, shell);
}
