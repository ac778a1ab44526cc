import type { Command } from 'commander';
import { operatorOf } from '../../auth/caller.js';
import type { ImportedCustomer } from '../../modules/customer/import/customer.import.input.js';
import type { ImportedCustomerResult } from '../../modules/customer/import/customer.importer.js';
import type { Shell } from '../shell/shell.js';
import { addImport } from './command.js';
import { readCsv } from './csv.js';
import { readCustomerRecords } from './customer-columns.js';
import { type Format, formatOf, formatOption } from './format.js';
import { readJsonLines } from './json-lines.js';

const help = `
The first line of a CSV file names its columns:
  externalId,email,name,phone,avatarUrl,status,sentiment,notes,tags,metadata.plan
  u1,jane@example.com,"Doe, Jane",,,ACTIVE,HAPPY,,vip;beta,team
Each line of a JSON Lines file is one customer:
  {"externalId": "u1", "email": "jane@example.com", "tags": ["vip", "beta"], "metadata": {"plan": "team"}}

Run it as often as you like: customers are known again by externalId, else by email, and get the fields that
the file gives. A bad line is reported by its number, and the others are imported.`;

export const addCustomerImport = (group: Command, shell: Shell): void =>
  addImport(group, shell, {
    name: 'customers',
    description: 'Import customers from a CSV file or from a file of JSON lines.',
    help,
    options: [formatOption()],
    readerOf: (path, { format = formatOf(path) }: { format?: Format }) =>
      format === 'csv' ? (lines) => readCustomerRecords(readCsv(lines)) : readJsonLines,
    async open({ db, services }, workspace) {
      await services.workspaces.get(workspace);
      const { customerImporter, identityOf } = await import('../../modules/customer/import/customer.importer.js');
      return {
        ...customerImporter(db, operatorOf(workspace)),
        keysOf: (customer: ImportedCustomer) => {
          const { email, otherEmails = [], ...names } = identityOf(customer);
          const keys = Object.entries(names).flatMap(([key, value]) => (value == null ? [] : [`${key} ${value}`]));
          const emails = email == null ? otherEmails : [email, ...otherEmails];
          return [...keys, ...new Set(emails.map((address) => `email ${address.toLowerCase()}`))];
        },
        // Half of what is written of it are its indexes.
        weightOf: () => 2,
      };
    },
    // Unchanged are customers who were there with everything that the file says.
    begin: () => ({ customersCreated: 0, customersUpdated: 0, unchanged: 0 }),
    count(done, { result }: ImportedCustomerResult) {
      if (result === 'CREATED') done.customersCreated += 1;
      else if (result === 'UPDATED') done.customersUpdated += 1;
      else done.unchanged += 1;
    },
    tell: (done) => [
      ['created', `${done.customersCreated} customers`],
      ['updated', `${done.customersUpdated} customers`],
      ['unchanged', `${done.unchanged} customers`],
    ],
  });
