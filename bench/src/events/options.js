import { parseArgs } from 'node:util';

/**
 * @typedef {object} EventOptions
 * @property {number} sse subscribers over server-sent events
 * @property {number} webSockets subscribers over WebSocket, one connection each
 * @property {number} events changes that are told one by one
 * @property {number} everyMs from the beginning of one to the beginning of the next
 * @property {number} seconds length of one measurement of writes
 * @property {number} rounds of the writes
 * @property {boolean} profile
 * @property {string} node
 * @property {string | undefined} adminUrl
 */

const usage = `Measures how Deskgraph tells of changes, and what the outbox costs those who write.

  --sse N         subscribers over server-sent events (1000)
  --websockets N  subscribers over WebSocket (1000)
  --events N      changes that are told one by one (50)
  --every MS      from one change to the next (500)
  --seconds N     length of one measurement of writes (4)
  --rounds N      rounds of these (3)
  --profile       CPU profile of the gateway while it tells, instead of the figures
  --node WHICH    bundled, current, or the path of one
  --help

DATABASE_ADMIN_URL names an existing PostgreSQL server (superuser; a database is created and dropped).
Without it a cluster of its own is started from Debian's binaries and removed at the end.
`;

/**
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @returns {EventOptions | undefined} undefined when only help was wanted
 */
export function readEventOptions(argv, env) {
  const { values } = parseArgs({
    args: argv,
    options: {
      sse: { type: 'string', default: '1000' },
      websockets: { type: 'string', default: '1000' },
      events: { type: 'string', default: '50' },
      every: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '3' },
      profile: { type: 'boolean', default: false },
      node: { type: 'string', default: 'bundled' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return undefined;
  }
  return {
    sse: whole('--sse', values.sse, 0),
    webSockets: whole('--websockets', values.websockets, 0),
    events: whole('--events', values.events, 1),
    everyMs: whole('--every', values.every, 1),
    seconds: whole('--seconds', values.seconds, 1),
    rounds: whole('--rounds', values.rounds, 1),
    profile: values.profile,
    node: values.node,
    adminUrl: env.DATABASE_ADMIN_URL,
  };
}

/**
 * @param {string} name
 * @param {string} value
 * @param {number} least
 */
function whole(name, value, least) {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least) throw new Error(`${name} takes a whole number from ${least}, not ${value}`);
  return number;
}
