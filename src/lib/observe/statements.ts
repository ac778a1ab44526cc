import { failedStatements, statementDuration } from './meters.js';
import { currentRequest } from './request.js';
import { tracing } from './tracing.js';

const maxTextLength = 2_000;

/**
 * Observes a statement that is passed to the driver. Returns a function that ends the observation, with the error if
 * the statement failed. Values are not recorded.
 */
export function beginStatement(text: string): (error?: unknown) => void {
  const request = currentRequest();
  const span = tracing()?.begin({
    name: /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL',
    kind: 'client',
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': text.slice(0, maxTextLength) },
  });
  const begunAt = performance.now();
  return (error) => {
    const ms = performance.now() - begunAt;
    statementDuration.observe(ms / 1_000);
    if (error) failedStatements.inc();
    span?.end(error ? { error } : {});
    if (!request) return;
    request.statements += 1;
    request.statementMs += ms;
  };
}
