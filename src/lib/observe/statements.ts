import { failedStatements, statementDuration } from './meters.js';
import { currentRequest } from './request.js';

/** Observes a statement that is handed to the driver. Answers what ends it, with its error if it failed. */
export function beginStatement(): (error?: unknown) => void {
  const request = currentRequest();
  const begunAt = performance.now();
  return (error) => {
    const ms = performance.now() - begunAt;
    statementDuration.observe(ms / 1_000);
    if (error) failedStatements.inc();
    if (!request) return;
    request.statements += 1;
    request.statementMs += ms;
  };
}
