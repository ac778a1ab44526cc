import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ApiKeyFormat, apiKeyFormats } from '../auth/api-key.js';
import { allScopes, type Scope } from '../auth/scopes.js';
import type { ListedApiKey } from '../modules/api-key/api-key.service.js';
import { type OutputOptions, print, printable, table, withJson } from './shell/output.js';
import { withSession } from './shell/session.js';
import type { Shell } from './shell/shell.js';

const kinds = { api_user: 'API_USER', user: 'USER' } as const;

interface CreateOptions extends OutputOptions {
  workspace: string;
  kind: keyof typeof kinds;
  agent?: string;
  scope?: Scope[];
  format: ApiKeyFormat;
  name?: string;
  expires?: Date;
  maxCost?: number;
  rateCapacity?: number;
  rateRestore?: number;
  onlyTrustedDocuments?: true;
}

export function addKeyCommands(program: Command, shell: Shell): void {
  const keys = program.command('keys').description('Manage the API keys of a workspace.');

  withJson(keys.command('create'))
    .description('Create a key. It is shown only once: the database stores only its hash.')
    .requiredOption('--workspace <id>', 'id of the workspace that the key gives access to')
    .addOption(
      new Option('--kind <kind>', 'kind of caller: an integration (api_user) or an agent (user)')
        .choices(Object.keys(kinds))
        .makeOptionMandatory(),
    )
    .option('--agent <id>', 'id of the agent that a key of kind user acts as')
    .addOption(new Option('--scope <scope...>', 'scopes of the key; repeatable (default: all)').choices(allScopes))
    .addOption(new Option('--format <format>', 'prefix of the key').choices(apiKeyFormats).default('ts_sk_live'))
    .option('--name <name>', 'purpose of the key')
    .option('--expires <time>', 'expiry time in ISO 8601 (default: never)', futureTime)
    .option('--max-cost <points>', 'maximum cost of an operation, in points (default: MAX_COST)', points)
    .option('--rate-capacity <points>', 'points that the key may spend at once (default: RATE_CAPACITY)', points)
    .option('--rate-restore <points>', 'points restored per second (default: RATE_RESTORE)', points)
    .option('--only-trusted-documents', 'allow only trusted documents, see `documents upload`')
    .action(async (options: CreateOptions) => {
      const { onlyTrustedDocuments = false } = options;
      const { workspace, kind, agent, scope, format, name, expires, maxCost, rateCapacity, rateRestore } = options;
      const created = await withSession(shell, ({ services }) =>
        services.apiKeys.create({
          workspaceId: workspace,
          kind: kinds[kind],
          format,
          ...(agent !== undefined && { agentId: agent }),
          ...(scope !== undefined && { scopes: scope }),
          ...(name !== undefined && { name }),
          ...(expires !== undefined && { expiresAt: expires }),
          onlyTrustedDocuments,
          limits: { maxCost: maxCost ?? null, rateCapacity: rateCapacity ?? null, rateRestore: rateRestore ?? null },
        }),
      );
      const text = `id:  ${created.id}\nkey: ${created.key}\nKeep the key now: it is not shown again.`;
      print(shell, options, created, text);
    });

  withJson(keys.command('list'))
    .description('List the keys of a workspace, without their secrets.')
    .requiredOption('--workspace <id>', 'id of the workspace')
    .action(async ({ workspace, ...output }: OutputOptions & { workspace: string }) => {
      const list = await withSession(shell, ({ services }) => services.apiKeys.list(workspace));
      const titles = ['ID', 'BEGINS', 'KIND', 'AGENT', 'STATE', 'LAST USED', 'NAME'];
      print(shell, output, list, table(titles, list.map(cellsOf), 'No keys.'));
    });

  withJson(keys.command('revoke'))
    .description('Revoke a key permanently. Gateways refuse it within a quarter of a second.')
    .requiredOption('--workspace <id>', 'id of the workspace')
    .requiredOption('--id <id>', 'id of the key')
    .action(async ({ workspace, id, ...output }: OutputOptions & { workspace: string; id: string }) => {
      const endpoints = await withSession(shell, ({ services }) => services.apiKeys.revoke(workspace, id));
      const lines = endpoints.map(
        ({ id, url, disabledAt }) => `  ${id} ${printable(url)}${disabledAt ? ' (disabled)' : ''}`,
      );
      const left =
        lines.length > 0 ? `\nNot affected: webhook endpoints that the key configured last:\n${lines.join('\n')}` : '';
      print(shell, output, { id, revoked: true, webhookEndpoints: endpoints }, `Revoked ${id}.${left}`);
    });
}

function cellsOf({ id, prefix, kind, agentId, revokedAt, expiresAt, lastUsedAt, name }: ListedApiKey): string[] {
  const expired = expiresAt !== null && expiresAt.getTime() <= Date.now();
  const state = revokedAt ? 'revoked' : expired ? 'expired' : 'active';
  return [id, prefix, kind.toLowerCase(), agentId ?? '-', state, lastUsedAt?.toISOString() ?? 'never', name ?? ''];
}

function futureTime(text: string): Date {
  const time = /^\d{4}-\d\d-\d\d(T.+)?$/.test(text) ? new Date(text) : undefined;
  if (!time || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('Must be an ISO 8601 time such as 2030-01-31T12:00:00Z.');
  }
  if (time.getTime() <= Date.now()) throw new InvalidArgumentError('Must be in the future.');
  return time;
}

function points(text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw new InvalidArgumentError('Must be an integer from 1 to 999999999.');
}
