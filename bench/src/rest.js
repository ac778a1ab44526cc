// Measures what each kind of list costs by REST beside the same GraphQL operation, on one gateway, turn about.
import { print } from 'graphql';
import { createApiKey } from '../rivals/deskgraph.js';
import { workspaceId } from './database/dataset.js';
import { startGateway } from './server/gateway.js';
import { graphqlRequest } from './server/graphql.js';
import { startLoadGenerator } from './load/load.js';
import { countStatements, measure } from './comparison/measure.js';
import { fromProject } from './paths.js';
import { fillLists, listsOf } from './rest/lists.js';
import { report } from './rest/report.js';
import { send } from './server/rival.js';
import { versionOf } from './server/server.js';
import { databaseStatistics } from './database/statistics.js';
import { undoing } from './undoing.js';

/** @typedef {import('./comparison/measure.js').Contender} Contender */

const seconds = Number(process.env.SECONDS ?? 3);
const rounds = Number(process.env.ROUNDS ?? 5);
const connections = 16;

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

await undoing(async (cleanups) => {
  const { node, database, samples, server } = await startGateway(cleanups);
  const headers = { authorization: `Bearer ${await createApiKey(database.url, workspaceId)}` };
  const documents = await import(fromProject('dist/src/generated/documents/graphql.js'));

  const load = startLoadGenerator();
  cleanups.push(load.stop);
  const bench = { load, statistics: await databaseStatistics(database.client), samples, connections };

  /** @param {string} title @param {import('./server/rival.js').Request} request */
  const contender = (title, request) =>
    /** @type {Contender} */ (
      /** @type {unknown} */ ({ server, rival: { title }, client: { requests: { inbox: () => request } } })
    );
  await fillLists(server.origin, headers);
  const [conversation = ''] = samples.longConversations;
  const lists = listsOf(documents, { workspaceId, conversation }).map(({ name, path, document, variables }) => {
    /** @type {import('./server/rival.js').Request} */
    const rest = { method: 'GET', path, headers: { accept: 'application/json', ...headers } };
    const pair = { rest: contender('REST', rest), graphql: contender('GraphQL', graphqlRequest(print(document), variables, headers)) };
    return { name, pair, rest };
  });

  /** @type {import('./rest/report.js').List[]} */
  const results = [];
  for (const { name, pair, rest } of lists) {
    if (!/"id":"/.test(JSON.stringify(await send(server.origin, rest)))) throw new Error(`GET ${name} lists nothing`);
    say(`Warming ${name} …`);
    /** @param {Contender} one */
    const warm = async (one) => {
      await measure(bench, one, 'inbox', 3);
      return { statements: await countStatements(bench, one, 'inbox'), rounds: [] };
    };
    results.push({ name, rest: await warm(pair.rest), graphql: await warm(pair.graphql) });
  }
  for (let round = 1; round <= rounds; round += 1) {
    say(`Round ${round} of ${rounds} …`);
    for (const [place, { pair }] of lists.entries()) {
      // Neither is always the first, on a machine that does other things as well.
      for (const side of round % 2 === 0 ? /** @type {const} */ (['rest', 'graphql']) : /** @type {const} */ (['graphql', 'rest'])) {
        results[place]?.[side].rounds.push(await measure(bench, pair[side], 'inbox', seconds));
      }
    }
  }
  process.stdout.write(`Node.js ${await versionOf(node)}; ${connections} connections, ${rounds} rounds of ${seconds} s; medians.\n\n`);
  process.stdout.write(`${report(results)}\n`);
});
