import type { Command } from 'commander';
import { type Caller, operatorOf } from '../auth/caller.js';
import type { Agent } from '../generated/prisma/client.js';
import type { AgentService } from '../modules/agent/agent.service.js';
import { type OutputOptions, print, table, withJson } from './shell/output.js';
import { withSession } from './shell/session.js';
import type { Shell } from './shell/shell.js';

interface CreateOptions extends OutputOptions {
  workspace: string;
  id?: string;
  name: string;
  email: string;
}

export function addAgentCommands(program: Command, shell: Shell): void {
  const agents = program
    .command('agents')
    .description('Manage agents: the members of the team, to whom conversations are assigned.');

  withJson(agents.command('create'))
    .description('Create an agent.')
    .requiredOption('--workspace <id>', 'id of the workspace')
    .requiredOption('--name <name>', 'name that customers see')
    .requiredOption('--email <address>', 'e-mail address, unique in the workspace')
    .option('--id <id>', 'id: agt_ and up to 120 letters, digits, _ or - (default: generated)')
    .action(async (options: CreateOptions) => {
      const { json: _, workspace, ...fields } = options;
      const agent = await withSession(shell, ({ services }) => services.agents.create(operatorOf(workspace), fields));
      print(shell, options, shown(agent), `Created agent ${agent.id}.`);
    });

  withJson(agents.command('list'))
    .description('List the agents of a workspace, the oldest first.')
    .requiredOption('--workspace <id>', 'id of the workspace')
    .action(async ({ workspace, ...output }: OutputOptions & { workspace: string }) => {
      const list = await withSession(shell, async ({ services }) => {
        await services.workspaces.get(workspace);
        return allAgents(services.agents, operatorOf(workspace));
      });
      const rows = list.map(({ id, email, deactivatedAt, name }) => {
        return [id, email, deactivatedAt ? 'deactivated' : 'active', name];
      });
      print(shell, output, list.map(shown), table(['ID', 'EMAIL', 'STATE', 'NAME'], rows, 'No agents.'));
    });
}

const shown = ({ workspaceId: _, ...agent }: Agent): Omit<Agent, 'workspaceId'> => agent;

async function allAgents(service: AgentService, caller: Caller): Promise<Agent[]> {
  const { encodeCursor } = await import('../db/lists/ordering.js');
  const agents: Agent[] = [];
  for (let after: string | undefined; ; ) {
    const { page } = await service.list(caller, { first: 100, after });
    agents.push(...page.rows);
    const last = page.rows.at(-1);
    if (!page.hasNextPage || !last) return agents;
    after = encodeCursor(page.ordering, last);
  }
}
