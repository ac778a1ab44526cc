/**
 * What the bench has to know of a server to measure it.
 *
 * @typedef {import('../comparison/options.js').OperationName} OperationName
 * @typedef {import('../comparison/operations.js').Inputs} Inputs
 * @typedef {import('../comparison/operations.js').Contents} Contents
 *
 * @typedef {object} Setting what a rival is run against
 * @property {string} databaseUrl
 * @property {string} workspaceId
 * @property {string} scratch a directory that is removed in the end
 * @property {import('../database/dataset.js').Samples} samples
 *
 * @typedef {object} Launch how its process is started; `PORT`, `DATABASE_URL` and `NODE_ENV` are added to `env`
 * @property {string[]} args for Node.js
 * @property {string} cwd
 * @property {Record<string, string>} env
 * @property {string} readyPath a path that answers as soon as the server serves
 *
 * @typedef {{ method: 'GET' | 'POST', path: string, headers: Record<string, string>, body?: string, status?: 304 }} Request
 *   `status`: that of the answer, if it is not 200
 *
 * @typedef {object} Rival
 * @property {string} title
 * @property {readonly OperationName[]} [leavesOut] what it has no equivalent of
 * @property {(setting: Pick<Setting, 'scratch' | 'databaseUrl'>) => Promise<Launch>} launch
 * @property {(setting: Setting, origin: string) => Promise<Client>} connect
 *
 * @typedef {{ [Name in OperationName]: (input: Inputs[Name]) => Request }} Requests
 * @typedef {{ [Name in OperationName]: (body: unknown) => Contents[Name] }} Readers
 *
 * @typedef {object} Client
 * @property {Requests} requests
 * @property {Readers} readers from the parsed body of an answer to its essential content; there is none for 304
 * @property {() => Promise<void>} [renew] asks anew for what changes made stale, before requests are made
 */

/**
 * Whether the rival takes part in an operation.
 * @param {Rival} rival
 * @param {OperationName} operation
 */
export const answers = (rival, operation) => !rival.leavesOut?.includes(operation);

/**
 * Sends one request and parses the answer; anything but success is an error.
 * @param {string} origin
 * @param {Request} request
 * @returns {Promise<unknown>}
 */
export async function send(origin, { path, status, ...request }) {
  const response = await fetch(origin + path, request);
  if (status !== undefined && response.status === status) return undefined;
  const text = await response.text();
  if (status !== undefined || !response.ok || text.includes('"errors":')) {
    throw new Error(`${request.method} ${path} ${request.body ?? ''}\n${response.status} ${text.slice(0, 2000)}`);
  }
  return JSON.parse(text);
}

/**
 * Customers in one order, whichever a server answers in.
 * @param {import('../comparison/operations.js').NotedCustomer[]} customers
 */
export const byExternalId = (customers) => customers.toSorted((a, b) => compare(a.externalId, b.externalId));

/**
 * Asks for a page and tells what it is known by; a rival asks with that whether it has changed.
 * @param {string} origin
 * @param {Request} request
 */
export async function etagOf(origin, { path, ...request }) {
  const response = await fetch(origin + path, request);
  await response.arrayBuffer();
  const etag = response.headers.get('etag');
  if (!response.ok || etag === null) throw new Error(`${request.method} ${path} answers ${response.status} without ETag`);
  return etag;
}

/** @param {string | Date} time */
export const isoTime = (time) => new Date(time).toISOString();

/**
 * Messages oldest first, whichever way a server lists them.
 * @template {{ id: string, sentAt: string }} Message
 * @param {Message[]} messages
 */
export const oldestFirst = (messages) =>
  messages
    .map((message) => ({ ...message, sentAt: isoTime(message.sentAt) }))
    .sort((a, b) => compare(a.sentAt, b.sentAt) || compare(a.id, b.id));

/** @param {string} a @param {string} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
