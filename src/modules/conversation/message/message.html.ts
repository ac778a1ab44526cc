import { unescape as percentDecoded } from 'node:querystring';
import { LRUCache } from 'lru-cache';
import type { Message, MessageAttachment } from '../../../generated/prisma/client.js';
import { createSeries } from '../../../lib/process/series.js';
import { hasPartImages, safeHtml, withPartImages } from '../../../lib/text/safe-html.js';
import { type FileLinks, isSafeImage } from '../../file/file.links.js';

/** Sanitised HTML, up to 32 million characters in all; null for HTML that cannot be sanitised. */
const known = new LRUCache<string, { html: string | null }>({
  maxSize: 32_000_000,
  sizeCalculation: ({ html }) => 100 + (html?.length ?? 0),
});

const inSeries = createSeries();
let forgotten = 0;

/** Drops the cached HTML of a workspace's messages, and HTML that is being sanitised. */
export function forgetHtml(workspaceId: string): void {
  forgotten += 1;
  for (const key of known.keys()) if (key.startsWith(`${workspaceId} `)) known.delete(key);
}

/** The source of images that are parts of the message's own e-mail. */
export interface PartSource {
  links: FileLinks;
  attachmentsOf(messageId: string): Promise<readonly MessageAttachment[]>;
}

/**
 * The message's HTML, sanitised, with links to the images of its mail; null if it has none, or if it cannot be sanitised.
 * Messages are sanitised one at a time, so that other requests are served in between.
 */
export async function htmlToShow(
  message: Pick<Message, 'workspaceId' | 'id' | 'version' | 'html'>,
  source: PartSource,
): Promise<string | null> {
  const { workspaceId, id, version, html } = message;
  if (html === null) return null;
  const key = `${workspaceId} ${id} ${version}`;
  const safe = await sanitised(key, html);
  if (safe === null || !hasPartImages(safe)) return safe;
  const urls = new Map<string, string>();
  for (const file of await source.attachmentsOf(id)) {
    if (file.contentId === null || file.digest === null || !isSafeImage(file.contentType)) continue;
    urls.set(file.contentId, await source.links.urlOf(workspaceId, file.id));
  }
  return withPartImages(safe, (contentId) => urls.get(percentDecoded(contentId)));
}

async function sanitised(key: string, html: string): Promise<string | null> {
  const found = known.get(key);
  if (found) return found.html;
  const forgottenBefore = forgotten;
  const safe = await inSeries(() => safeHtml(html, 'KEPT'));
  if (forgotten === forgottenBefore) known.set(key, { html: safe });
  return safe;
}
