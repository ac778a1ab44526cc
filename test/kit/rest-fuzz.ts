import { Agent, request as requestOver } from 'node:http';
import type { TestServer } from './http.js';
import { createCompiler, type Described, operationsOf, readDescription } from './openapi.js';
import { type Known, type RandomRequest, randomRequests } from './rest-requests.js';
import { tellStory } from './story.js';

/** Sends random requests to every endpoint, and looks whether each is answered as the description says. */

/** An operation of which none was done yet, or none refused, is sent so many times as many requests. */
const mostTimes = 5;

/** After so many requests there is a new workspace, for what was deleted in the one before. */
const requestsPerStory = 50;

export interface Findings {
  /** What was not answered as described: the requests with their answers. */
  failures: string[];
  /** How often each operation answered with each status. */
  statuses: Map<string, Map<number, number>>;
}

export async function fuzz(server: TestServer, seed: number, requestsEach: number): Promise<Findings> {
  const failures: string[] = [];
  const statuses: Findings['statuses'] = new Map();
  const agent = new Agent({ keepAlive: true });
  const faultsOf = createJudge();
  try {
    for (const [place, described] of operationsOf(await readDescription(server.origin)).entries()) {
      const next = randomRequests(seed + place);
      const counts = new Map<number, number>();
      statuses.set(described.title, counts);
      let known = await knownOf(server);
      for (let number = 1; number <= requestsEach * (isTried(counts) ? 1 : mostTimes); number += 1) {
        if (number % requestsPerStory === 0) known = await knownOf(server);
        const random = next(described, known);
        // One without a key, since there are operations that have nothing else to refuse.
        const request = number === 1 ? { ...random, headers: { ...random.headers, authorization: '' } } : random;
        const answered = await send(server, agent, request);
        counts.set(answered.status, (counts.get(answered.status) ?? 0) + 1);
        const faults = faultsOf(described, request, answered);
        if (faults.length > 0) {
          const answer = `${answered.status} ${answered.text.slice(0, 500)}`;
          failures.push(`${described.title}, request ${number}: ${faults.join(' ')}\n${shown(request)}\n→ ${answer}`);
        }
      }
    }
  } finally {
    agent.destroy();
  }
  return { failures, statuses };
}

/** Whether some were done and some refused. */
function isTried(counts: ReadonlyMap<number, number>): boolean {
  const some = (from: number) => [...counts.keys()].some((status) => status >= from && status < from + 100);
  return some(200) && some(400);
}

/** Operations of which no request was done, or none refused: what was sent to them says little. */
export const hardlyTried = ({ statuses }: Findings): string[] =>
  [...statuses].flatMap(([title, counts]) => {
    const all = [...counts].sort().map(([status, count]) => `${count} × ${status}`);
    return isTried(counts) ? [] : [`${title}: ${all.join(', ')}`];
  });

async function knownOf(server: TestServer): Promise<Known> {
  const { desk, jane, omar, billing, question, ada, carl, mailbox } = await tellStory(server);
  const { workspaceId, key } = desk;
  const { uuid } = await server.database.prisma.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  const { operator } = desk;
  const { endpoint } = await server.services.webhooks.create(operator, { url: 'https://hooks.example.com/fuzz' });
  // As the examples name them.
  for (const clickId of ['abc123xyz789', 'lw_ck_abc123']) await server.services.clicks.record(operator, { clickId });
  const rows = [endpoint, jane, omar, billing, question, ada, carl, mailbox].map(({ id }) => id);
  return { key, workspace: [workspaceId, uuid], ids: [...rows, jane.uuid, omar.uuid, 'usr_jane', 'ext_usr_jane'] };
}

interface Answered {
  status: number;
  type: string | undefined;
  text: string;
}

function send(server: TestServer, agent: Agent, { method, path, headers, body }: RandomRequest): Promise<Answered> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const outgoing = requestOver({ agent, hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], text });
      });
    });
    outgoing.on('error', (cause) => reject(new Error(`No answer to ${method} ${path}`, { cause }))).end(body);
  });
}

/** Whatever a client must not read: how the answer came about. */
const internals = /prisma|postgres|pglite|syntax|\bsql\b|select |constraint|relation|node_modules|\.[tj]s\b|\n +at /i;

/** Tells what is wrong with the answer to a request. */
function createJudge() {
  const compile = createCompiler();
  return ({ operation }: Described, { path, body }: RandomRequest, { status, type, text }: Answered): string[] => {
    const response = operation.responses[status];
    // With an empty name at its end a path is that of the list.
    if (status === 405 && /\/(\?|$)/.test(path)) return [];
    if (status >= 500) return ['It failed on our side.'];
    if (!response) return ['The status is not described.'];
    const faults: string[] = [];
    const answered = response.content?.['application/json'];
    if (!answered) {
      if (text !== '' || type !== undefined) faults.push('There is a body.');
    } else {
      const validate = compile(answered.schema);
      const value = parsed(text);
      if (type !== 'application/json; charset=utf-8' || value === undefined) faults.push('The body is no JSON.');
      else if (!validate(value)) faults.push(`The body is not as described: ${JSON.stringify(validate.errors)}`);
    }
    if (status >= 400 && internals.test(text)) faults.push('It tells what it is made of.');
    const media = operation.requestBody?.content['application/json'];
    if (status < 300 && media) {
      const validate = compile(media.schema);
      // The decoder leaves a byte order mark out, as the gateway does.
      if (!validate(parsed(new TextDecoder().decode(body)))) {
        faults.push(`It took a body that is not as described: ${JSON.stringify(validate.errors)}`);
      }
    }
    const query = new URLSearchParams(path.split(/\?(.*)/s)[1] ?? '');
    for (const { name, schema, allowEmptyValue = false } of operation.parameters) {
      const value = query.get(name);
      if (status >= 300 || value === null || (value === '' && allowEmptyValue)) continue;
      const sent = schema.type === 'integer' && /^-?\d+$/.test(value) ? Number(value) : value;
      if (!compile(schema)(sent)) faults.push(`It took a ${name} that is not as described.`);
    }
    return faults;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const shown = ({ method, path, headers, body }: RandomRequest): string =>
  `${method} ${path}\n${JSON.stringify({ ...headers, authorization: undefined })}\n${body?.toString().slice(0, 2_000) ?? ''}`;
