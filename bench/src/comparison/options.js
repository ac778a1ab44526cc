import { parseArgs } from 'node:util';

export const rivalNames = /** @type {const} */ ([
  'deskgraph',
  'floor',
  'postgraphile',
  'postgraphile-deployed',
  'apollo',
  'apollo-dataloader',
]);
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
 * @property {number} scale
 * @property {boolean} profile
 * @property {string} node the Node.js that runs the servers: `bundled`, `current` or a path
 * @property {string | undefined} adminUrl
 */

/**
 * What differs between the benches that take these options.
 * @typedef {object} Purpose
 * @property {string} purpose
 * @property {readonly RivalName[]} rivals those measured unless others are asked for
 * @property {{ seconds: string, warmup: string, rounds: string, scale: string }} defaults
 */

/** @type {Purpose} */
const comparison = {
  purpose: `Measures Deskgraph against other ways of serving the same data.

  --profile         CPU profile of the first rival on the first operation instead of the comparison`,
  rivals: rivalNames,
  defaults: { seconds: '4', warmup: '3', rounds: '3', scale: '1' },
};

/** @param {Purpose} bench */
const usage = ({ purpose, rivals, defaults }) => `${purpose}
  --seconds N       length of one measurement (${defaults.seconds})
  --warmup N        seconds of warming per server and operation (${defaults.warmup})
  --rounds N        rounds; in each, every server gets every operation once (${defaults.rounds})
  --connections N   open keep-alive connections, one request at a time on each (16)
  --rivals A,B      of ${rivalNames.join(',')}
                    (${rivals.join(',')})
  --ops A,B         ${operationNames.join(',')}
  --scale N         by how much the data set is multiplied (${defaults.scale}); 33 makes ten million messages
  --deep            120,000 conversations more in the big workspace, and the page behind the 100,000th
  --node WHICH      bundled (one Node.js for all servers), current, or the path of one
  --help

DATABASE_ADMIN_URL names an existing PostgreSQL server (superuser; a database is created and dropped).
Without it a cluster of its own is started from Debian's binaries and removed at the end.
`;

/**
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @param {Purpose} bench
 * @returns {Options | undefined} undefined when only help was wanted
 */
export function readOptions(argv, env, bench = comparison) {
  const { rivals, defaults } = bench;
  const { values } = parseArgs({
    args: argv,
    options: {
      seconds: { type: 'string', default: defaults.seconds },
      warmup: { type: 'string', default: defaults.warmup },
      rounds: { type: 'string', default: defaults.rounds },
      connections: { type: 'string', default: '16' },
      rivals: { type: 'string', default: rivals.join(',') },
      ops: { type: 'string' },
      scale: { type: 'string', default: defaults.scale },
      deep: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      node: { type: 'string', default: 'bundled' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage(bench));
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
    scale: positive('--scale', values.scale),
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
