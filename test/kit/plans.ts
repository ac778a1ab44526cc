import pg from 'pg';
import { expect } from 'vitest';
import type { Sent } from './statements.js';

/** What PostgreSQL did for a statement, as EXPLAIN tells it. */

/** A node of a plan, as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) writes it. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: PlanNode[];
}

export interface Cost {
  /** Rows that were taken from tables, those that a condition then dropped too. */
  rows: number;
  /** Rows that went into the largest sort. */
  sorted: number;
  /** Pages of tables and indexes that were touched. */
  blocks: number;
  /** The big tables that were read from end to end. */
  readWhole: string[];
  /** The plan in short, for the message of a failure. */
  outline: string;
}

export const bigTables = [
  'Customer',
  'Conversation',
  'Message',
  'Campaign',
  'Link',
  'Click',
  'Conversion',
  'DomainEvent',
];

/**
 * Runs a statement with the values it was sent with, and adds up what it cost. `kept` asks for the plan that the server
 * may keep for a prepared statement, which has to serve any values.
 */
export async function costOf(client: pg.ClientBase, { text, values }: Sent, kept = false): Promise<Cost> {
  const explain = 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)';
  const run = async (): Promise<PlanNode> => {
    if (!kept) return planOf(await client.query(`${explain} ${text}`, [...values]));
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query(`PREPARE kept AS ${text}`);
    const literals = values.map(literal).join(', ');
    const result = await client.query(`${explain} EXECUTE kept${literals && `(${literals})`}`);
    await client.query('DEALLOCATE kept; RESET plan_cache_mode');
    return planOf(result);
  };
  const plan = await run();
  const nodes = flatten(plan);
  const scans = nodes.filter(({ node }) => node['Relation Name'] !== undefined).map(({ node }) => node);
  const sorts = nodes.filter(({ node }) => node['Node Type'].includes('Sort')).flatMap(({ node }) => node.Plans ?? []);
  return {
    rows: scans.reduce((sum, node) => sum + rowsRead(node), 0),
    sorted: Math.max(0, ...sorts.map((node) => node['Actual Rows'] * node['Actual Loops'])),
    blocks: (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
    readWhole: scans
      .filter((node) => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0)
      .map((node) => node['Relation Name'] ?? '')
      .filter((name) => bigTables.includes(name)),
    outline: nodes.map(({ node, depth }) => `${'  '.repeat(depth)}${lineOf(node)}`).join('\n'),
  };
}

/** With the values it was sent with, and with any: the server chooses between both plans. */
export async function costsOf(client: pg.ClientBase, statement: Sent): Promise<Cost[]> {
  const costs = [await costOf(client, statement)];
  if (statement.prepared) costs.push(await costOf(client, statement, true));
  return costs;
}

/** Expects so many rows to be read and sorted at most, none of the big tables as a whole, and pages in proportion. */
export function expectBounded(what: string, { rows, sorted, blocks, readWhole, outline }: Cost, most: number): void {
  const fails = [
    ...readWhole.map((table) => `reads all of ${table}`),
    ...(rows > most ? [`reads ${rows} rows, more than ${most}`] : []),
    ...(sorted > most ? [`sorts ${sorted} rows, more than ${most}`] : []),
    ...(blocks > 8 * most ? [`touches ${blocks} pages, more than ${8 * most}`] : []),
  ];
  expect(fails, `${what}\n${outline}`).toEqual([]);
}

const planOf = ({ rows }: pg.QueryResult): PlanNode =>
  (rows[0] as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan;

function literal(value: unknown): string {
  if (Array.isArray(value))
    return `'{${value
      .map((element) => JSON.stringify(element))
      .join(',')
      .replaceAll("'", "''")}}'`;
  return pg.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
}

const flatten = (node: PlanNode, depth = 0): { node: PlanNode; depth: number }[] => [
  { node, depth },
  ...(node.Plans ?? []).flatMap((child) => flatten(child, depth + 1)),
];

const rowsRead = (node: PlanNode): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
  node['Actual Loops'];

const lineOf = (node: PlanNode): string =>
  [
    node['Node Type'],
    node['Index Name'] ?? node['Relation Name'],
    `rows=${node['Actual Rows']}×${node['Actual Loops']}`,
  ]
    .concat(node['Rows Removed by Filter'] ? `dropped=${node['Rows Removed by Filter']}` : [])
    .filter(Boolean)
    .join(' ');
