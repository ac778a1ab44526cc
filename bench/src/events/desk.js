import { createApiKey } from '../../rivals/deskgraph.js';
import { graphqlRequest, sendQuery } from '../server/graphql.js';

/**
 * A workspace of its own, and how to ask the gateway as one of its keys.
 * @typedef {object} Desk
 * @property {string} key
 * @property {(document: string, variables: Record<string, unknown>) => import('../server/rival.js').Request} request
 * @property {(document: string, variables: Record<string, unknown>) => Promise<any>} run answers the data
 *
 * @typedef {(id: string) => Promise<Desk>} NewDesk
 */

/**
 * @param {import('../database/postgres.js').BenchDatabase} database
 * @param {string} origin
 * @param {string} id
 * @returns {Promise<Desk>}
 */
export async function createWorkspace({ client, url }, origin, id) {
  await client.query('INSERT INTO "Workspace" ("id", "name") VALUES ($1, $1)', [id]);
  const key = await createApiKey(url, id);
  /** @type {Desk['request']} */
  const request = (document, variables) => graphqlRequest(document, variables, { authorization: `Bearer ${key}` });
  return { key, request, run: (document, variables) => sendQuery(origin, request(document, variables)) };
}
