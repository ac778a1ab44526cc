import type { Database } from '../../db/database.js';
import type { Workers } from '../../db/queue/queue.js';
import { memoryStorage } from '../../lib/storage/memory.js';
import type { Storage } from '../../lib/storage/storage.js';
import { type FileLinks, fileLinks } from './file.links.js';
import { type FileStore, fileStore, sweepWorkers } from './file.store.js';
import { uploadWorkers } from './upload/upload.service.js';

/** The stored files of an installation, and the links to them. */
export interface Files extends FileStore {
  links: FileLinks;
}

export interface FilesOptions {
  /** Where contents are stored; when left out, the memory of this process. */
  storage?: Storage | undefined;
  /** The URL at which clients reach the gateway, without a slash at the end. */
  publicUrl?: string | undefined;
}

export const openFiles = (db: Database, { storage = memoryStorage(), publicUrl }: FilesOptions = {}): Files => ({
  ...fileStore(db, storage),
  links: fileLinks(db, publicUrl),
});

/** The workers that remove expired contents and uploads. */
export const fileWorkers = (db: Database, files: FileStore): Workers[] => [sweepWorkers(files), uploadWorkers(db)];
