import { expect, test } from 'vitest';
import { readEnvironment } from '../../src/env.js';

/** The variables of OpenTelemetry. */

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

test('tracing is off unless somebody says where spans go, and can be switched off', () => {
  expect(readEnvironment({ OTEL_SERVICE_NAME: 'desk' }).tracing).toBeUndefined();
  expect(readEnvironment({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBeUndefined();
  expect(readEnvironment({ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }).tracing).toBeUndefined();
});

test('the rest has defaults', () => {
  expect(readEnvironment(endpoint).tracing).toEqual({
    url: 'http://collector:4318/v1/traces',
    headers: {},
    serviceName: 'deskgraph',
    attributes: {},
    sampler: 'parentbased_always_on',
    ratio: 1,
  });
});

test('values are taken over', () => {
  const variables = {
    ...endpoint,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%2Cb, x-team = desk',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=desk,deployment.environment=test',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  };
  expect(readEnvironment(variables).tracing).toEqual({
    url: 'https://traces.example/in',
    headers: { 'x-key': 'a,b', 'x-team': 'desk' },
    serviceName: 'desk',
    attributes: { 'service.name': 'desk', 'deployment.environment': 'test' },
    sampler: 'traceidratio',
    ratio: 0.25,
  });
});

test.each([
  [{ OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER names another one; wanted: otlp or none.'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT does not start with http://'],
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'secret' }, 'OTEL_EXPORTER_OTLP_HEADERS holds something else'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' }, 'OTEL_RESOURCE_ATTRIBUTES holds a % that encodes nothing'],
  [{ OTEL_TRACES_SAMPLER: 'some' }, 'OTEL_TRACES_SAMPLER names no sampler; wanted: one of parentbased_always_on'],
  [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG is no share; wanted: a number from 0 to 1.'],
])('%j is refused', (variables, message) => {
  expect(() => readEnvironment(variables)).toThrow(message);
});
