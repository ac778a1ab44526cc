import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { fromBench, fromProject } from './paths.js';
import { openServer } from './postgres.js';

/**
 * How long the read models of revenue take over a million conversions, and by what plan. Build the project first, then
 * `npm run bench:revenue`; SALES sets another size.
 */

const sales = Number(process.env.SALES ?? 1_000_000);
const run = promisify(execFile);
const server = await openServer(process.env.DATABASE_ADMIN_URL);
const name = `deskgraph_bench_revenue_${process.pid}`;
const url = new URL(server.adminUrl);
url.pathname = `/${name}`;

/** @param {string} statement */
const admin = async (statement) => {
  const client = new pg.Client(server.adminUrl);
  await client.connect();
  await client.query(statement);
  await client.end();
};

/** @param {string} file */
const project = (file) => import(fromProject(`dist/src/${file}`));

await admin(`CREATE DATABASE ${name}`);
try {
  const [{ migrate }, { openDatabase }, { analyticsService }, { operatorOf }] = await Promise.all([
    project('db/migrations.js'),
    project('db/database.js'),
    project('modules/analytics/analytics.service.js'),
    project('modules/workspace/caller.js'),
  ]);
  await migrate({ connectionString: url.href });
  await run('psql', ['-q', url.href, '-v', `sales=${sales}`, '-f', fromBench('sql/revenue.sql')]);

  const db = openDatabase({ connectionString: url.href }, { connections: 2 });
  const analytics = analyticsService(db);
  const caller = operatorOf('wrk_revenue');
  /** @type {[string, () => Promise<unknown>][]} */
  const reads = [
    ...['WEEK', 'MONTH', 'CAMPAIGN', 'SOURCE'].map(
      /** @returns {[string, () => Promise<unknown>]} */ (groupBy) => [
        `customerCohorts(groupBy: ${groupBy})`,
        () => analytics.cohorts(caller, { groupBy }),
      ],
    ),
    ['customerCohorts of one month', () => analytics.cohorts(caller, { start: '2024-01-01', end: '2024-01-31' })],
    ['ltvCohorts(months: 12)', () => analytics.ltvCohorts(caller, {})],
    ['ltvCohorts(months: 24)', () => analytics.ltvCohorts(caller, { months: 24 })],
  ];
  console.log(`${sales} conversions, ms: the first time, then the median of five\n`);
  for (const [what, read] of reads) {
    const times = [];
    for (let time = 0; time < 6; time += 1) {
      const start = performance.now();
      await read();
      times.push(performance.now() - start);
    }
    const [first = 0, ...others] = times;
    const median = others.sort((one, other) => one - other)[2] ?? 0;
    console.log(`${what.padEnd(36)} ${first.toFixed(0).padStart(6)} ${median.toFixed(0).padStart(6)}`);
  }
  const client = new pg.Client(url.href);
  await client.connect();
  const query = db.pool.query.bind(db.pool);
  Object.assign(db.pool, {
    /** @param {pg.QueryConfig} config */
    query: async (config) => {
      const { rows } = await client.query(`EXPLAIN ${config.text}`, config.values);
      console.log(`\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`);
      return query(config);
    },
  });
  await analytics.ltvCohorts(caller, {});
  await client.end();
  await db.close();
} finally {
  await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await server.stop();
}
