import { type Command, Option } from 'commander';
import { operatorOf } from '../auth/caller.js';
import type { CreateWorkspaceInput } from '../modules/workspace/workspace.service.js';
import { type OutputOptions, print, withJson } from './shell/output.js';
import { withSession } from './shell/session.js';
import type { Shell } from './shell/shell.js';

const entitlements = { 'revenue-tracking': 'REVENUE_TRACKING' } as const;
const attributionModels = {
  last: 'LAST',
  first: 'FIRST',
  linear: 'LINEAR',
  position: 'POSITION',
  decay: 'DECAY',
} as const;

interface CreateOptions extends OutputOptions {
  id?: string;
  uuid?: string;
  name?: string;
  timezone?: string;
  currency?: string;
  defaultCountry?: string;
  entitlement?: (keyof typeof entitlements)[];
  attributionModel?: keyof typeof attributionModels;
  attributionDays?: number;
}

export function addWorkspaceCommands(program: Command, shell: Shell): void {
  const workspace = program.command('workspace').description('Manage workspaces. Each has its own data and keys.');

  withJson(workspace.command('create'))
    .description('Create a workspace.')
    .option('--id <id>', 'id: wrk_ and up to 120 letters, digits, _ or - (default: generated)')
    .option('--uuid <uuid>', 'id of the workspace as a cStar team (default: generated)')
    .option('--name <name>', 'display name (default: its id)')
    .option('--timezone <zone>', 'IANA time zone of reports (default: UTC)')
    .option('--currency <code>', 'ISO 4217 code of the base currency (default: USD)')
    .option(
      '--default-country <code>',
      'ISO 3166 code of the country for phone numbers without a country code (default: none)',
    )
    .addOption(
      new Option('--entitlement <name...>', 'features of the plan; repeatable').choices(Object.keys(entitlements)),
    )
    .addOption(
      new Option('--attribution-model <name>', 'which clicks are credited with a sale (default: last)').choices(
        Object.keys(attributionModels),
      ),
    )
    .option('--attribution-days <count>', 'number of days before a sale in which a click counts (default: 30)', Number)
    .action(async (options: CreateOptions) => {
      const { json: _, entitlement = [], attributionModel = 'last', attributionDays, ...fields } = options;
      const input: CreateWorkspaceInput = {
        ...fields,
        entitlements: entitlement.map((name) => entitlements[name]),
        attributionModel: attributionModels[attributionModel],
        ...(attributionDays !== undefined && { attributionWindowDays: attributionDays }),
      };
      const { eventsRemovedUpTo: _none, ...created } = await withSession(shell, ({ services }) =>
        services.workspaces.create(input),
      );
      print(shell, options, created, `Created workspace ${created.id} (uuid ${created.uuid}).`);
    });

  withJson(workspace.command('recalculate'))
    .description('Recalculate the revenue sums of all customers and cohorts.')
    .requiredOption('--workspace <id>', 'id of the workspace')
    .action(async ({ workspace: id, ...output }: OutputOptions & { workspace: string }) => {
      const done = await withSession(shell, async ({ services }) => {
        await services.workspaces.get(id);
        return services.analytics.recalculateAll(operatorOf(id));
      });
      const { customers, customersMended, cohortsMended } = done;
      const text = `Corrected ${customersMended} of ${customers} customers and ${cohortsMended} sums of cohorts.`;
      print(shell, output, done, text);
    });
}
