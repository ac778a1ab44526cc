import { type Command, Option } from 'commander';
import { operatorOf } from '../../auth/caller.js';
import type { ImportedCustomer } from '../../modules/customer/import/customer.import.input.js';
import type { ImportedCustomerResult } from '../../modules/customer/import/customer.importer.js';
import type { Shell } from '../shell/shell.js';
import { addImport } from './command.js';
import { readCsv } from './csv.js';
import { readCustomerRecords } from './customer-columns.js';
import { type Format, formatOf, formats } from './format.js';
import { readJsonLines } from './json-lines.js';
import { customerOfZendesk, readZendeskUsers } from './vendors/zendesk-users.js';

const help = `
The first line of a CSV file names its columns:
  externalId,email,name,phone,avatarUrl,status,sentiment,notes,tags,metadata.plan
  u1,jane@example.com,"Doe, Jane",,,ACTIVE,HAPPY,,vip;beta,team
Each line of a JSON Lines file is one customer:
  {"externalId": "u1", "email": "jane@example.com", "tags": ["vip", "beta"], "metadata": {"plan": "team"}}

With --format zendesk, each line is a user of a JSON export of Zendesk, or a page of users of its API; agents and admins
are skipped.

Safe to repeat: existing customers are found by externalId, else by email, and the fields in the file are
updated. Two lines of one customer are merged, and the report names both. Invalid lines are reported by number, and
the other lines are imported.`;

type CustomerFormat = Format | 'zendesk';
interface Options {
  format?: CustomerFormat;
}
const formatOption = (): Option =>
  new Option('--format <format>', 'format of the file (default: by its extension)').choices([...formats, 'zendesk']);

export const addCustomerImport = (group: Command, shell: Shell): void =>
  addImport(group, shell, {
    name: 'customers',
    description: 'Import customers from a CSV file or from a file of JSON lines.',
    help,
    options: [formatOption()],
    readerOf: (path, { format = formatOf(path) }: Options) => {
      if (format === 'csv') return (lines) => readCustomerRecords(readCsv(lines));
      return format === 'zendesk' ? (lines) => readZendeskUsers(readJsonLines(lines)) : readJsonLines;
    },
    async open({ db, services }, workspace, { format }: Options) {
      await services.workspaces.get(workspace);
      const { customerImporter, identityOf } = await import('../../modules/customer/import/customer.importer.js');
      const importer = customerImporter(db, operatorOf(workspace));
      return {
        ...importer,
        ...(format === 'zendesk' && { parse: (value: unknown) => importer.parse(customerOfZendesk(value)) }),
        tellsRepeats: true,
        keysOf: (customer: ImportedCustomer) => {
          const { email, otherEmails = [], ...names } = identityOf(customer);
          const keys = Object.entries(names).flatMap(([key, value]) => (value == null ? [] : [`${key} ${value}`]));
          const emails = email == null ? otherEmails : [email, ...otherEmails];
          return [...keys, ...new Set(emails.map((address) => `email ${address.toLowerCase()}`))];
        },
        // Half of the written data are index entries.
        weightOf: () => 2,
      };
    },
    // `unchanged` counts customers that already had every value of the file.
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
