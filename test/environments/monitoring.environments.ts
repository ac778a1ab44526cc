import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import { expressions } from '../kit/monitoring.js';

/** The files for Prometheus and Grafana, tried by Prometheus' own tool. */

const promtool = async (...args: string[]): Promise<string> => {
  const cwd = join(packageRoot, 'ops/prometheus');
  return (await promisify(execFile)('promtool', args, { cwd })).stdout;
};

const directory = await mkdtemp(join(tmpdir(), 'deskgraph-monitoring-'));
afterAll(() => rm(directory, { recursive: true }));

test('the alerts fire when they should, and only then', async () => {
  expect(await promtool('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
  expect(await promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
});

test('every expression of the dashboard can be read', async () => {
  const rules = expressions.map((expr, place) => ({ record: `panel_${place}`, expr }));
  const file = join(directory, 'dashboard.yml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  expect(await promtool('check', 'rules', file)).toContain(`${rules.length} rules found`);
});
