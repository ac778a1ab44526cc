/** Spans of traces, where something makes them: without tracing this costs nothing and loads nothing. */

import type { TracingSettings } from '../settings/tracing.js';
import type { SpanStart, Tracing } from './span.js';

let current: Tracing | undefined;

/** What makes spans; undefined while tracing is off. */
export const tracing = (): Tracing | undefined => current;

/** Turns tracing on for this process. */
export async function startTracing(settings: TracingSettings): Promise<Tracing> {
  const { openTelemetry } = await import('./open-telemetry.js');
  current = openTelemetry(settings);
  return current;
}

/** Does work as a span that ends with it. */
export function traced<T>(start: SpanStart, work: () => Promise<T> | T): Promise<T> | T {
  const span = current?.begin(start);
  if (!span) return work();
  const fail = (error: unknown): never => {
    span.end({ error });
    throw error;
  };
  try {
    const result = span.run(work);
    if (result instanceof Promise) {
      return result.then((value: T) => {
        span.end();
        return value;
      }, fail);
    }
    span.end();
    return result;
  } catch (error) {
    return fail(error);
  }
}
