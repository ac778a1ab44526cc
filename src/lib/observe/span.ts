/** The parts of a trace. */
import type { IncomingHttpHeaders } from 'node:http';

export interface SpanStart {
  name: string;
  kind: 'server' | 'client' | 'consumer' | 'internal';
  attributes?: Readonly<Record<string, string | number>>;
  /** Headers that name the parent span; the current span when left out. */
  from?: IncomingHttpHeaders;
}

export interface SpanEnd {
  name?: string;
  attributes?: Readonly<Record<string, string | number>>;
  /** The error with which it failed. Only its type is reported, not its message. */
  error?: unknown;
}

export interface Span {
  readonly traceId: string;
  /** Runs work within the span. */
  run<T>(work: () => T): T;
  end(end?: SpanEnd): void;
}

export interface Tracing {
  begin(start: SpanStart): Span;
  /** The headers that pass the current span to another server. */
  headers(): Record<string, string>;
  /** Sends the spans that were not sent yet. */
  stop(): Promise<void>;
}
