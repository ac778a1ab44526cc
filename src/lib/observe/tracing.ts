/** Tracing spans. When tracing is off this costs nothing and loads nothing. */

import type { TracingSettings } from '../settings/tracing.js';
import type { SpanStart, Tracing } from './span.js';

let current: Tracing | undefined;

/** The tracer; undefined when tracing is off. */
export const tracing = (): Tracing | undefined => current;

/** Turns tracing on for this process. */
export async function startTracing(settings: TracingSettings): Promise<Tracing> {
  const { openTelemetry } = await import('./open-telemetry.js');
  current = openTelemetry(settings);
  return current;
}

/** Runs work within a span that ends with it. */
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
