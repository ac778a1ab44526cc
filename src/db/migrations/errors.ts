import { StartError } from '../../lib/process/start-error.js';

/** A migration cannot be applied, or an applied one differs from its file. The message is one line. */
export class MigrationError extends StartError {
  override readonly name = 'MigrationError';
}
