/** Makes spans by OpenTelemetry and sends them by OTLP over HTTP. Loaded only when tracing is on. */
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { TracingSettings } from '../settings/tracing.js';
import type { SpanStart, Tracing } from './span.js';

const kinds: Readonly<Record<SpanStart['kind'], SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

export function openTelemetry(settings: TracingSettings): Tracing {
  const { url, headers, serviceName, attributes } = settings;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ ...attributes, 'service.name': serviceName }),
    sampler: samplerOf(settings),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url, headers: { ...headers } }))],
  });
  provider.register();
  const tracer = provider.getTracer('deskgraph');

  return {
    begin({ name, kind, attributes: known = {}, from }) {
      const parent = from ? propagation.extract(ROOT_CONTEXT, from) : context.active();
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes: { ...known } }, parent);
      const inside = trace.setSpan(parent, span);
      return {
        traceId: span.spanContext().traceId,
        run: (work) => context.with(inside, work),
        end({ name: now, attributes: more, error } = {}) {
          if (now !== undefined) span.updateName(now);
          if (more) span.setAttributes({ ...more });
          if (error !== undefined) {
            span.setAttribute('error.type', typeOf(error));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
    headers() {
      const carrier: Record<string, string> = {};
      propagation.inject(context.active(), carrier);
      return carrier;
    },
    stop: () => provider.shutdown(),
  };
}

/** Error messages can quote personal data, so only the type is reported. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 64);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  switch (sampler) {
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: roots.always_on() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: roots.always_off() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: roots.traceidratio() });
    default:
      return roots[sampler]();
  }
}
