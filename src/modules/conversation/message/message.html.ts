import { LRUCache } from 'lru-cache';
import type { Message } from '../../../generated/prisma/client.js';
import { createSeries } from '../../../lib/process/series.js';
import { safeHtml } from '../../../lib/text/safe-html.js';

/** Sanitised HTML, up to 32 million characters in all; null for HTML that cannot be sanitised. */
const known = new LRUCache<string, { html: string | null }>({
  maxSize: 32_000_000,
  sizeCalculation: ({ html }) => 100 + (html?.length ?? 0),
});

const inSeries = createSeries();
let forgotten = 0;

/** Removes what is known of the messages of a workspace, also what is being sanitised right now. */
export function forgetHtml(workspaceId: string): void {
  forgotten += 1;
  for (const key of known.keys()) if (key.startsWith(`${workspaceId} `)) known.delete(key);
}

/**
 * The message's HTML, sanitised; null if it has none, or if it cannot be sanitised. Messages are sanitised one at a time,
 * so that other requests are served in between.
 */
export async function htmlToShow(
  message: Pick<Message, 'workspaceId' | 'id' | 'version' | 'html'>,
): Promise<string | null> {
  const { workspaceId, id, version, html } = message;
  if (html === null) return null;
  const key = `${workspaceId} ${id} ${version}`;
  const found = known.get(key);
  if (found) return found.html;
  const forgottenBefore = forgotten;
  const safe = await inSeries(() => safeHtml(html));
  if (forgotten === forgottenBefore) known.set(key, { html: safe });
  return safe;
}
