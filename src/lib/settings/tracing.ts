import { EnvironmentError, type Reader } from './reader.js';

/** The tracing settings, from the standard variables of OpenTelemetry. */
export interface TracingSettings {
  /** Where spans are sent, by OTLP over HTTP. */
  url: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  attributes: Readonly<Record<string, string>>;
  sampler: Sampler;
  /** The share of the traces that is sampled, 0 to 1. */
  ratio: number;
}

const samplers = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;
export type Sampler = (typeof samplers)[number];

/** Empty unless a variable says where to send spans. @throws EnvironmentError */
export function readTracingSettings({ value, url }: Reader): { tracing?: TracingSettings } {
  const refuse = (...fault: ConstructorParameters<typeof EnvironmentError>): never => {
    throw new EnvironmentError(...fault);
  };
  const exporter = value('OTEL_TRACES_EXPORTER') ?? 'otlp';
  if (exporter !== 'otlp' && exporter !== 'none') refuse('OTEL_TRACES_EXPORTER', 'names another one', 'otlp or none');
  const disabled = value('OTEL_SDK_DISABLED')?.toLowerCase() ?? 'false';
  if (disabled !== 'true' && disabled !== 'false') refuse('OTEL_SDK_DISABLED', 'is neither', 'true or false');
  const own = url('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http');
  const base = url('OTEL_EXPORTER_OTLP_ENDPOINT', 'http');
  const headers = pairs('OTEL_EXPORTER_OTLP_HEADERS');
  const attributes = pairs('OTEL_RESOURCE_ATTRIBUTES');
  const serviceName = value('OTEL_SERVICE_NAME') ?? attributes['service.name'] ?? 'deskgraph';
  const named = value('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const sampler =
    samplers.find((candidate) => candidate === named) ??
    refuse('OTEL_TRACES_SAMPLER', 'names no sampler', `one of ${samplers.join(', ')}`);
  const ratio = Number(value('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (!(ratio >= 0 && ratio <= 1)) refuse('OTEL_TRACES_SAMPLER_ARG', 'is no share', 'a number from 0 to 1');
  const target = own ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`);
  if (target === undefined || exporter === 'none' || disabled === 'true') return {};
  return { tracing: { url: target, headers, serviceName, attributes, sampler, ratio } };

  /** `name=value,name=value`. A comma in a value is percent-encoded. */
  function pairs(variable: string): Record<string, string> {
    const entries = (value(variable) ?? '').split(',').filter((pair) => pair.trim() !== '');
    return Object.fromEntries(
      entries.map((pair) => {
        const [, name = '', text = ''] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(pair) ?? [];
        if (name === '') refuse(variable, 'holds something else', 'pairs such as name=value,other=value');
        try {
          return [name, decodeURIComponent(text.trim())];
        } catch {
          return refuse(variable, 'holds a % that encodes nothing', 'pairs such as name=value,other=value');
        }
      }),
    );
  }
}
