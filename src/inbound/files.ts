import type { IncomingMessage, ServerResponse } from 'node:http';
import { filePath } from '../modules/file/file.links.js';
import { createDownloads } from './downloads.js';
import { createUploads, type UploadsOptions } from './uploads.js';

/** The endpoints for uploads and downloads of files. */
export interface FileEndpoint {
  /** The pattern of the path, for logs and metrics; undefined for a path of another endpoint. */
  routeOf(path: string): string | undefined;
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function createFileEndpoint(options: UploadsOptions): FileEndpoint {
  const downloads = createDownloads(options);
  const uploads = createUploads(options);
  return {
    routeOf(path) {
      if (path === filePath) return filePath;
      return downloads.handles(path) ? `${filePath}/:workspaceId/:id` : undefined;
    },
    answer: (path, request, response) => (path === filePath ? uploads : downloads).answer(request, response),
  };
}
