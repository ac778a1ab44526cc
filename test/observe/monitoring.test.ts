import { expect, test } from 'vitest';
import { documentAt } from '../docs/documents.js';
import { startTestServer } from '../kit/http.js';
import { alerts, alertTests, expressions, metricsIn, panels } from '../kit/monitoring.js';

/** The dashboard and the alerts ask for what there is. Whether the alerts fire is tested by promtool in test/environments. */

async function metricsThere(): Promise<string[]> {
  const server = await startTestServer();
  try {
    const text = await (await fetch(`${server.origin}/metrics`)).text();
    return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
  } finally {
    await server.close();
  }
}

test('every metric of the dashboard, the alerts and the documents is told at /metrics', async () => {
  const there = await metricsThere();
  const { text } = documentAt('docs/operation.md');
  const documented = [...text.matchAll(/`(deskgraph_\w+)`/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'deskgraph_jobs');
  const asked = [...metricsIn(expressions.join('\n')), ...metricsIn(alerts.replaceAll(/^ *#.*$/gm, '')), ...documented];
  expect(asked.length).toBeGreaterThan(40);
  expect(asked.filter((name) => !there.includes(name))).toEqual([]);
});

test('every metric of the gateway is documented and on the dashboard', async () => {
  const own = (await metricsThere()).filter((name) => name.startsWith('deskgraph_'));
  const { text } = documentAt('docs/operation.md');
  expect(own.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  expect(own.filter((name) => !metricsIn(expressions.join('\n')).includes(name))).toEqual([]);
});

test('every alert is tested', () => {
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(10);
  const fired = [...alertTests.matchAll(/alertname: (\w+)\s+exp_alerts:/g)].map(([, name = '']) => name);
  expect(names.filter((name) => !fired.includes(name))).toEqual([]);
});

test('panels have ids of their own and lie beside each other', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.filter(({ gridPos: { w, x } }) => x + w > 24)).toEqual([]);
});
