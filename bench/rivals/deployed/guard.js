import { createApiKey } from '../deskgraph.js';
import { otherWorkspaceId } from '../../src/database/dataset.js';

/**
 * Sees that a server refuses who has no key, and shows nothing of a workspace to who has the key of another.
 * @param {string} origin
 * @param {string} databaseUrl
 * @param {(headers: Record<string, string>) => import('../../src/server/rival.js').Request} request asks for a conversation
 */
export async function seeThatItGuards(origin, databaseUrl, request) {
  /** @param {Record<string, string>} headers */
  const ask = async (headers) => {
    const { path, ...sent } = request(headers);
    const response = await fetch(origin + path, sent);
    return { status: response.status, text: await response.text() };
  };
  const stranger = await ask({});
  if (stranger.status !== 401) throw new Error(`It answers who has no key with ${stranger.status}: ${stranger.text}`);
  const neighbour = await ask(await keyHeaders(databaseUrl, otherWorkspaceId));
  if (neighbour.text.includes('"subject"')) throw new Error(`It shows one workspace what another has: ${neighbour.text}`);
}

/** @param {string} databaseUrl @param {string} workspaceId */
export const keyHeaders = async (databaseUrl, workspaceId) => ({
  authorization: `Bearer ${await createApiKey(databaseUrl, workspaceId)}`,
});
