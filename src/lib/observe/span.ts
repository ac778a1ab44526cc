/** The parts of a trace. */
import type { IncomingHttpHeaders } from 'node:http';

export interface SpanStart {
  name: string;
  kind: 'server' | 'client' | 'consumer' | 'internal';
  attributes?: Readonly<Record<string, string | number>>;
  /** Headers that name the span which it continues; the one of the running code when left out. */
  from?: IncomingHttpHeaders;
}

export interface SpanEnd {
  name?: string;
  attributes?: Readonly<Record<string, string | number>>;
  /** What it failed with. Its kind is told, its words are not. */
  error?: unknown;
}

export interface Span {
  readonly traceId: string;
  /** Runs work as a part of it. */
  run<T>(work: () => T): T;
  end(end?: SpanEnd): void;
}

export interface Tracing {
  begin(start: SpanStart): Span;
  /** The headers that name the span of the running code to whoever is asked. */
  headers(): Record<string, string>;
  /** Sends what was not sent yet. */
  stop(): Promise<void>;
}
