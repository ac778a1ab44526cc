import { requestSequences } from '../comparison/measure.js';
import { answers, send } from '../server/rival.js';

/** So many documents are new before any is timed: what compiles them is compiled then. */
const warming = 50;
const timed = 200;

/**
 * Milliseconds of one request after the other: the first of each document, which is read and checked, the second, for which
 * some servers compile it, and the third.
 * @typedef {{ first: number[], second: number[], third: number[] }} NewDocuments
 */

/**
 * @param {import('../comparison/measure.js').Bench} bench
 * @param {import('../comparison/measure.js').Contender} contender
 * @param {import('../comparison/measure.js').OperationName} operation
 * @param {string} round what makes its documents others than those of the rounds before
 * @returns {Promise<NewDocuments>}
 */
export async function measureNewDocuments({ samples }, contender, operation, round) {
  const [[request] = []] = requestSequences(contender, operation, samples, 1);
  if (!request) throw new Error(`There is no request of ${operation}`);
  /** @type {NewDocuments} */
  const times = { first: [], second: [], third: [] };
  for (let count = 0; count < warming + timed; count += 1) {
    const fresh = withNewDocument(request, `${round}x${count}`);
    const [first, second] = [await timeOf(contender, fresh), await timeOf(contender, fresh)];
    const third = await timeOf(contender, fresh);
    if (count < warming) continue;
    times.first.push(first);
    times.second.push(second);
    times.third.push(third);
  }
  return times;
}

/**
 * Whether the operation is one document that a client sends, and a query, so that asking changes nothing.
 * @param {import('../comparison/measure.js').Contender} contender
 * @param {import('../comparison/measure.js').OperationName} operation
 */
export const isQueryOf = ({ rival }, operation) =>
  answers(rival, operation) && !['setStatus', 'bulkUpsert', 'pollUnchanged'].includes(operation);

/** @param {import('../comparison/measure.js').Contender} contender @param {import('../server/rival.js').Request} request */
async function timeOf({ server }, request) {
  const start = performance.now();
  await send(server.origin, request);
  return performance.now() - start;
}

/**
 * The same operation under another name, with an alias that no document had, so that neither its text nor its tree is known.
 * @param {import('../server/rival.js').Request} request
 * @param {string} mark
 * @returns {import('../server/rival.js').Request}
 */
function withNewDocument(request, mark) {
  const body = JSON.parse(request.body ?? '');
  const query = body.query.replace(/^query (\w+)/, `query $1${mark}`).replace('{ id ', `{ id of${mark}: id `);
  if (query === body.query) throw new Error(`It has no other name: ${query}`);
  return { ...request, body: JSON.stringify({ ...body, query }) };
}
