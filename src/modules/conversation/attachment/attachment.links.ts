import type { MessageAttachment } from '../../../generated/prisma/client.js';
import type { FileLinks } from '../../file/file.links.js';

/** Where a file of a message is to be had: a link to a stored one, else its URL; null if it is nowhere. */
export const urlOfAttachment = async (
  links: FileLinks,
  { workspaceId, id, digest, url }: Pick<MessageAttachment, 'workspaceId' | 'id' | 'digest' | 'url'>,
): Promise<string | null> => (digest === null ? url : links.urlOf(workspaceId, id));
