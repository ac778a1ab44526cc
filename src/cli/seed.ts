import type { Command } from 'commander';
import { type OutputOptions, print, withJson } from './shell/output.js';
import { withSession } from './shell/session.js';
import type { Shell } from './shell/shell.js';

export function addSeedCommand(program: Command, shell: Shell): void {
  withJson(program.command('seed'))
    .description('Create a demo workspace with two keys in an empty database.')
    .action(async (output: OutputOptions) => {
      const demo = await withSession(shell, async ({ db }) => {
        const { seedDemo } = await import('../modules/demo/demo.seed.js');
        return seedDemo(db);
      });
      if (!demo) return print(shell, output, { seeded: false }, 'Nothing to do: the database has a workspace already.');
      const keys = demo.keys.map(({ label, key }) => `${label}: ${key}`);
      const text = [`Created workspace ${demo.workspaceId}.`, ...keys, 'Keep the keys now: they are not shown again.'];
      print(shell, output, { seeded: true, ...demo }, text.join('\n'));
    });
}
