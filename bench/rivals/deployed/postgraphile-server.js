// PostGraphile 5 as it is deployed for several tenants: a key with each request, a role that owns nothing and sees one
// workspace by policies, events by trigger, and bounds to operations.
import { createServer } from 'node:http';
import pg from 'pg';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter';
import { keyCheck } from './keys.js';
import { limits } from './limits.js';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const role = process.env.TENANT_ROLE ?? '';

const authenticate = keyCheck(async (hash) => {
  const text = 'SELECT "workspaceId", "id", "expiresAt", "revokedAt" FROM "ApiKey" WHERE "hash" = $1';
  return (await pool.query({ name: 'key', text, values: [hash] })).rows[0];
});

/** @type {GraphileConfig.Plugin} */
const limiting = {
  name: 'LimitingPlugin',
  version: '0.0.0',
  grafserv: {
    middleware: {
      setPreset(next, options) {
        options.validationRules.push(...limits);
        return next();
      },
    },
  },
};

const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  plugins: [limiting],
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
  grafserv: { graphqlPath: '/graphql', graphiql: false, websockets: false, watch: false },
  grafast: {
    explain: false,
    context: async ({ node }) => {
      const { workspaceId, id } = await authenticate(node?.req.headers.authorization);
      return { pgSettings: { role, 'bench.workspace': workspaceId, 'bench.key': id } };
    },
  },
});

const server = createServer();
server.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), '127.0.0.1');
