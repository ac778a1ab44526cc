import { parseArgs } from 'node:util';

export const rivalNames = /** @type {const} */ (['deskgraph', 'floor', 'postgraphile', 'apollo']);
/** @typedef {typeof rivalNames[number]} RivalName */

export const operationNames = /** @type {const} */ ([
  'inbox',
  'conversation',
  'customers',
  'node',
  'setStatus',
  'inboxAtDepth',
  'filtered',
  'search',
  'bulkUpsert',
  'searchJapanese',
  'searchPhone',
  'pollUnchanged',
  'entities',
]);
/** @typedef {typeof operationNames[number]} OperationName */

/**
 * @typedef {object} Options
 * @property {number} seconds length of one measurement
 * @property {number} warmup seconds of load that each server gets on each operation before anything is measured
 * @property {number} rounds
 * @property {number} connections
 * @property {RivalName[]} rivals
 * @property {OperationName[]} operations
 * @property {boolean} deep
 * @property {boolean} profile
 * @property {string} node the Node.js that runs the servers: `bundled`, `current` or a path
 * @property {string | undefined} adminUrl
 */

const usage = `Measures Deskgraph against other ways of serving the same data.

  --seconds N       length of one measurement (4)
  --warmup N        seconds of warming per server and operation (3)
  --rounds N        rounds; in each, every server gets every operation once (3)
  --connections N   open keep-alive connections, one request at a time on each (16)
  --rivals A,B      ${rivalNames.join(',')}
  --ops A,B         ${operationNames.join(',')}
  --deep            150,000 conversations in the big workspace, and the page behind the 100,000th
  --profile         CPU profile of the first rival on the first operation instead of the comparison
  --node WHICH      bundled (one Node.js for all servers), current, or the path of one
  --help

DATABASE_ADMIN_URL names an existing PostgreSQL server (superuser; a database is created and dropped).
Without it a cluster of its own is started from Debian's binaries and removed at the end.
`;

/**
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @returns {Options | undefined} undefined when only help was wanted
 */
export function readOptions(argv, env) {
  const { values } = parseArgs({
    args: argv,
    options: {
      seconds: { type: 'string', default: '4' },
      warmup: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '16' },
      rivals: { type: 'string' },
      ops: { type: 'string' },
      deep: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      node: { type: 'string', default: 'bundled' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return undefined;
  }
  const operations = choose('--ops', values.ops, operationNames);
  if (!values.deep && values.ops?.includes('inboxAtDepth')) throw new Error('inboxAtDepth needs --deep');
  return {
    seconds: positive('--seconds', values.seconds),
    warmup: positive('--warmup', values.warmup),
    rounds: positive('--rounds', values.rounds),
    connections: positive('--connections', values.connections),
    rivals: choose('--rivals', values.rivals, rivalNames),
    operations: values.deep ? operations : operations.filter((name) => name !== 'inboxAtDepth'),
    deep: values.deep,
    profile: values.profile,
    node: values.node,
    adminUrl: env.DATABASE_ADMIN_URL,
  };
}

/**
 * @param {string} name
 * @param {string} value
 */
function positive(name, value) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} takes a whole number from 1, not ${value}`);
  return number;
}

/**
 * @template {string} Name
 * @param {string} option
 * @param {string | undefined} value
 * @param {readonly Name[]} known
 * @returns {Name[]}
 */
function choose(option, value, known) {
  if (value === undefined) return [...known];
  return value.split(',').map((wanted) => {
    const name = known.find((candidate) => candidate === wanted);
    if (!name) throw new Error(`${option} takes some of ${known.join(',')}, not ${wanted}`);
    return name;
  });
}
