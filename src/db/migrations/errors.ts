import { StartError } from '../../lib/process/start-error.js';

/** One line about a migration that cannot be applied or is not what was applied. */
export class MigrationError extends StartError {
  override readonly name = 'MigrationError';
}
