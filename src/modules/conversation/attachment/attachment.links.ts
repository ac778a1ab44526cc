import type { MessageAttachment } from '../../../generated/prisma/client.js';
import type { FileLinks } from '../../file/file.links.js';

/** The URL of a message's file: a link to a stored one, else its external URL; null if there is none. */
export const urlOfAttachment = async (
  links: FileLinks,
  { workspaceId, id, digest, url }: Pick<MessageAttachment, 'workspaceId' | 'id' | 'digest' | 'url'>,
): Promise<string | null> => (digest === null ? url : links.urlOf(workspaceId, id));
