import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/process/root.js';

/** The files for those who watch a gateway: a dashboard of Grafana and the rules of Prometheus. */

const textOf = (path: string): string => readFileSync(join(packageRoot, 'ops', path), 'utf8');

export interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { h: number; w: number; x: number; y: number };
  targets?: { expr: string }[];
}

export const panels = (JSON.parse(textOf('grafana/deskgraph.json')) as { panels: Panel[] }).panels;

/** Every expression of the dashboard, as Prometheus takes it. */
export const expressions: string[] = panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  .map((expression) => expression.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'deskgraph'));

export const alerts = textOf('prometheus/alerts.yml');
export const alertTests = textOf('prometheus/alerts.test.yml');

/** The names of metrics in a text, without what a histogram adds to its name. */
export const metricsIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/\b(?:deskgraph|nodejs|process)_\w+/g)].map(([name]) =>
      name.replace(/_(?:bucket|sum|count)$/, ''),
    ),
  ),
];
