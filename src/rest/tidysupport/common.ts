import { z } from 'zod';
import type { Session } from '../graph.js';
import { HttpError } from '../http-error.js';
import { idInPath, integer } from '../input.js';

/** Common parts of the TidySupport routes. */

/** Allows both kinds of keys, for the workspace in the path. @throws HttpError 404 */
export function inWorkspace(session: Session, { workspaceId }: Readonly<Record<string, string>>): void {
  if (workspaceId !== session.workspaceId) throw new HttpError(404, 'Workspace not found.');
}

export const accessInWorkspace = 'Accepts keys of the scopes user and api_user.';

/** The base path of a workspace's inbox. */
export const inbox = '/v1/workspaces/{workspaceId}/support/inbox';

export const workspaceId = z.string().describe('The workspace of the key.');

export const pageParameters = {
  limit: integer('limit', 1, 100, 20).describe('The maximum number of entries on a page.'),
  cursor: z.string().optional().describe('The cursor from the previous page.'),
};

interface Connection<Node> {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/** A page of a list. */
export function pageOf<Node, Item>({ nodes, pageInfo }: Connection<Node>, itemOf: (node: Node) => Item) {
  const { hasNextPage, endCursor = null } = pageInfo;
  return { items: nodes.map(itemOf), cursor: hasNextPage ? endCursor : null, hasMore: hasNextPage };
}

export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    cursor: z.string().nullable().describe('The cursor of the next page; null on the last page.'),
    hasMore: z.boolean(),
  });

export const contactIdInPath = idInPath('ctc', 'Contact');
export const conversationIdInPath = idInPath('thd', 'Conversation');

export const agentId = z.string().regex(/^agt_[A-Za-z0-9_-]{1,120}$/, 'Must be the ID of an agent, or null.');

/** Allows only secret keys of programs. @throws HttpError 403 */
export function bySecretKey({ kind }: Session): void {
  if (kind !== 'API_USER') throw new HttpError(403, 'This endpoint requires an API key with api_user scope.');
}

export const accessBySecretKey = 'Accepts keys of the scope api_user, for the workspace of the key.';

/** Returns the value. @throws HttpError 404 if the graph returned null, which means that the object does not exist. */
export function found<Value>(value: Value | null | undefined, what: string): Value {
  if (value == null) throw new HttpError(404, `${what} not found.`);
  return value;
}
