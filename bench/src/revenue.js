import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { loadavg } from 'node:os';
import { promisify } from 'node:util';
import pg from 'pg';
import { fromBench, fromProject } from './paths.js';
import { openServer } from './database/postgres.js';

/**
 * How long the read models of revenue take over a million conversions over HTTP, cold and kept, and by what plan. Build the project first, then
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

await admin(`CREATE DATABASE ${name}`);
try {
  const { createApp } = await import(fromProject('dist/src/app.js'));
  const { operatorOf } = await import(fromProject('dist/src/auth/caller.js'));
  const { createServices } = await import(fromProject('dist/src/context.js'));
  const { openDatabase } = await import(fromProject('dist/src/db/database.js'));
  const { migrate } = await import(fromProject('dist/src/db/migrations/migrations.js'));
  const { defaultLimits } = await import(fromProject('dist/src/lib/http/limits.js'));
  const { createLog } = await import(fromProject('dist/src/lib/process/log.js'));
  await migrate({ connectionString: url.href });
  await run('psql', ['-q', url.href, '-v', `sales=${sales}`, '-f', fromBench('sql/revenue.sql')]);

  const db = openDatabase({ connectionString: url.href }, { connections: 4 });
  const services = createServices(db);
  const caller = operatorOf('wrk_revenue');
  const { key } = await services.apiKeys.create({ workspaceId: caller.workspaceId, kind: 'API_USER' });
  const limits = { ...defaultLimits, rateCapacity: 1e9 };
  const app = await createApp({ database: db, log: createLog('silent'), limits });
  const gateway = createServer(app.listener);
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (gateway.address()).port}/graphql`;

  /**
   * Asks over HTTP, and answers how long it took, in milliseconds.
   * @param {string} query
   * @param {string} expected what the header tells of the cache
   */
  const ask = async (query, expected) => {
    const start = performance.now();
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    const took = performance.now() - start;
    if (text.includes('"errors"')) throw new Error(text);
    const cache = response.headers.get('x-cache');
    if (cache !== expected) throw new Error(`${query} was a ${cache}.`);
    return took;
  };
  /** @param {readonly number[]} times */
  const median = (times) => times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;

  const month = 'start: "2024-01-01", end: "2024-01-31"';
  const journey = 'journey(first: 20) { nodes { kind occurredAt } }';
  /** @type {[string, string][]} */
  const reads = [
    ...['groupBy: WEEK', 'groupBy: MONTH', 'groupBy: CAMPAIGN', 'groupBy: SOURCE', month].map(
      /** @returns {[string, string]} */ (args) => [
        `customerCohorts(${args})`,
        `{ customerCohorts(${args}) { key customers converters revenue { amountMinor } } }`,
      ],
    ),
    ...['months: 12', 'months: 24', month].map(
      /** @returns {[string, string]} */ (args) => [
        `ltvCohorts(${args})`,
        `{ ltvCohorts(${args}) { label customers months { index retention cumulativeLtv { amountMinor } } } }`,
      ],
    ),
    ['journey', `{ customer(id: "ctc_5") { ${journey} } }`],
    ['journey over 10,000 conversations', `{ customer(id: "ctc_1") { ${journey} } }`],
    ['journey of 20 customers', `{ customers(first: 20) { nodes { ${journey} } } }`],
    ['attribution', '{ customer(id: "ctc_6") { attribution(model: LINEAR) { revenue { amountMinor } } } }'],
    ['attribution of 20 customers', '{ customers(first: 20) { nodes { attribution { revenue { amountMinor } } } } }'],
  ];
  console.log(`${sales} conversions, ms over HTTP: the first time, the median of five others after a write, of 25 kept`);
  console.log(`Load of the machine: ${loadavg().map((load) => load.toFixed(1)).join(', ')}\n`);
  for (const [what, query] of reads) {
    const cold = [];
    const kept = [];
    for (let time = 0; time < 6; time += 1) {
      // Whatever is written, nothing that was computed before is answered any more.
      await services.customers.upsert(caller, { externalId: 'u0', name: `Customer ${what} ${time}` });
      cold.push(await ask(query, 'miss'));
      for (let again = 0; again < 5; again += 1) kept.push(await ask(query, 'hit'));
    }
    const [first = 0, ...others] = cold;
    const figures = [first, median(others), median(kept)].map((ms) => ms.toFixed(1).padStart(8));
    console.log(`${what.padEnd(62)}${figures.join('')}`);
  }
  console.log(`\nLoad of the machine: ${loadavg().map((load) => load.toFixed(1)).join(', ')}`);
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
  await services.analytics.ltvCohorts({ id: caller.workspaceId, timezone: 'Europe/Berlin' }, {});
  await client.end();
  gateway.closeAllConnections();
  gateway.close();
  await app.close();
  await db.close();
} finally {
  await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await server.stop();
}
