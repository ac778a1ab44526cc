import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { graphqlRequest } from '../../src/server/graphql.js';
import { fromBench } from '../../src/paths.js';
import { tenantRole } from '../../src/database/postgres.js';
import { connectPostgraphile, globalId, node, postgraphile } from '../postgraphile.js';
import { keyHeaders, seeThatItGuards } from './guard.js';

/** @type {import('../../src/server/rival.js').Rival} */
export const deployedPostgraphile = {
  ...postgraphile,
  title: 'PostGraphile 5, deployed',

  launch: async ({ databaseUrl }) => {
    const role = tenantRole(databaseUrl);
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query((await readFile(fromBench('sql/tenants.sql'), 'utf8')).replaceAll('bench_tenant', role));
    await client.end();
    return {
      args: [fromBench('rivals/deployed/postgraphile-server.js')],
      cwd: fromBench(''),
      env: { GRAPHILE_ENV: 'production', TENANT_ROLE: role },
      readyPath: '/graphql',
    };
  },

  connect: async (setting, origin) => {
    const { databaseUrl, workspaceId, samples } = setting;
    const id = globalId(workspaceId, samples.conversations[0] ?? '');
    await seeThatItGuards(origin, databaseUrl, (headers) => graphqlRequest(node, { id }, headers));
    return connectPostgraphile(setting, origin, await keyHeaders(databaseUrl, workspaceId));
  },
};
