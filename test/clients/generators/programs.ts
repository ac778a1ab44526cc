/**
 * Programs as users of generators write them: for each dialect they create, read and list something, and are refused.
 * All print the same. What must not compile stands below a comment that the compiler holds to it.
 */

/** A generator, with what it is run with in the directory of its project, and the program that uses what it makes. */
export interface Generator {
  name: string;
  command: readonly string[];
  program: string;
}

const head = `
declare const process: { argv: string[] };
const [baseUrl = '', key = '', teamId = ''] = process.argv.slice(2);
const headers = { Authorization: \`Bearer \${key}\` };
const same = <Value>(one: Value, other: Value): boolean => one === other;
`;

const openapiFetch = `${head}
import createClient from 'openapi-fetch';
import type { components, paths } from './openapi.js';

const { GET, POST } = createClient<paths>({ baseUrl, headers });

const nameOf = ({ name }: components['schemas']['TidySupportCustomer']): string | null => name;
// @ts-expect-error a name may be null
const wrong = ({ name }: components['schemas']['TidySupportCustomer']): string => name;
// @ts-expect-error there is no such status
void ((status: components['schemas']['CstarTicket']['status'] = 'ajar') => status);

const created = await POST('/v1/customers', { body: { externalId: 'usr_fetch', name: 'By openapi-fetch' } });
if (!created.data) throw new Error(created.error.message);
const read = await GET('/v1/customers/{id}', { params: { path: { id: created.data.id } } });
const list = await GET('/v1/customers', { params: { query: { limit: 1, status: 'ACTIVE' } } });
const nobody = await GET('/v1/customers/{id}', { params: { path: { id: 'ctc_nobody' } } });

const team = { teamId };
const email = 'fetch@example.com';
const opened = await POST('/api/v1/teams/{teamId}/tickets', {
  params: { path: team },
  body: { title: 'Generated', customerEmail: email, priority: 'high' },
});
if (!opened.data) throw new Error(opened.error.error.message);
const ticketId = opened.data.data.id;
const ticket = await GET('/api/v1/teams/{teamId}/tickets/{ticketId}', { params: { path: { teamId, ticketId } } });
const tickets = await GET('/api/v1/teams/{teamId}/tickets', { params: { path: team, query: { status: 'new', pageSize: 1 } } });
const noTicket = await GET('/api/v1/teams/{teamId}/tickets/{ticketId}', { params: { path: { teamId, ticketId: 'tkt_nobody' } } });

const upserted = await POST('/api/customers', { body: { externalId: 'usr_fetch', phone: null } });
if (!upserted.data) throw new Error(upserted.error.message);
const tracked = await GET('/api/customers/{id}', { params: { path: { id: 'ext_usr_fetch' } } });
const all = await GET('/api/customers', { params: { query: { limit: 1, sortOrder: 'desc' } } });
const untracked = await GET('/api/customers/{id}', { params: { path: { id: 'ext_nobody' } } });

console.log(JSON.stringify({
  tidysupport: [nameOf(created.data), same(read.data?.id, created.data.id), list.data?.items.length, nobody.error?.message],
  cstar: [opened.data.data.priority, ticket.data?.data.messages.length, tickets.data?.data.length, noTicket.error?.error.code],
  linquid: [upserted.data.data.ltv.amountMinor, same(tracked.data?.data.id, created.data.id), all.data?.pagination.limit, untracked.error?.code],
}));
`;

const heyApi = `${head}
import {
  createCustomer, cstarCreateTicket, cstarGetTicket, cstarListTickets, getCustomer, getTrackedCustomerUnderApi, listCustomers,
  listTrackedCustomersUnderApi, upsertTrackedCustomerUnderApi, type CstarTicket, type TidySupportCustomer,
} from './hey-api/index.js';
import { client } from './hey-api/client.gen.js';

client.setConfig({ baseUrl, auth: () => key });

const nameOf = ({ name }: TidySupportCustomer): string | null => name;
// @ts-expect-error a name may be null
const wrong = ({ name }: TidySupportCustomer): string => name;
// @ts-expect-error there is no such status
void ((status: CstarTicket['status'] = 'ajar') => status);

const created = await createCustomer({ body: { externalId: 'usr_hey', name: 'By hey-api' } });
if (!created.data) throw new Error(created.error.message);
const read = await getCustomer({ path: { id: created.data.id } });
const list = await listCustomers({ query: { limit: 1, status: 'ACTIVE' } });
const nobody = await getCustomer({ path: { id: 'ctc_nobody' } });

const opened = await cstarCreateTicket({
  path: { teamId },
  body: { title: 'Generated', customerEmail: 'hey@example.com', priority: 'high' },
});
if (!opened.data) throw new Error(opened.error.error.message);
const ticket = await cstarGetTicket({ path: { teamId, ticketId: opened.data.data.id } });
const tickets = await cstarListTickets({ path: { teamId }, query: { status: 'new', pageSize: 1 } });
const noTicket = await cstarGetTicket({ path: { teamId, ticketId: 'tkt_nobody' } });

const upserted = await upsertTrackedCustomerUnderApi({ body: { externalId: 'usr_hey', phone: null } });
if (!upserted.data) throw new Error(upserted.error.message);
const tracked = await getTrackedCustomerUnderApi({ path: { id: 'ext_usr_hey' } });
const all = await listTrackedCustomersUnderApi({ query: { limit: 1, sortOrder: 'desc' } });
const untracked = await getTrackedCustomerUnderApi({ path: { id: 'ext_nobody' } });

console.log(JSON.stringify({
  tidysupport: [nameOf(created.data), same(read.data?.id, created.data.id), list.data?.items.length, nobody.error?.message],
  cstar: [opened.data.data.priority, ticket.data?.data.messages.length, tickets.data?.data.length, noTicket.error?.error.code],
  linquid: [upserted.data.data.ltv.amountMinor, same(tracked.data?.data.id, created.data.id), all.data?.pagination.limit, untracked.error?.code],
}));
`;

const orval = `${head}
import {
  createCustomer, cstarCreateTicket, cstarGetTicket, cstarListTickets, getCustomer, getTrackedCustomerUnderApi, listCustomers,
  listTrackedCustomersUnderApi, upsertTrackedCustomerUnderApi,
} from './orval/client.js';
import type { CstarTicket, TidySupportCustomer } from './orval/models/index.js';

const nameOf = ({ name }: TidySupportCustomer): string | null => name;
// @ts-expect-error a name may be null
const wrong = ({ name }: TidySupportCustomer): string => name;
// @ts-expect-error there is no such status
void ((status: CstarTicket['status'] = 'ajar') => status);

/** The answer when it has this status. */
function having<Answer extends { status: number }, Status extends Answer['status']>(answer: Answer, status: Status) {
  if (answer.status !== status) throw new Error(JSON.stringify(answer));
  return answer as Extract<Answer, { status: Status }>;
}

const created = having(await createCustomer({ externalId: 'usr_orval', name: 'By orval' }, { headers }), 201).data;
const read = having(await getCustomer(created.id, { headers }), 200).data;
const list = having(await listCustomers({ limit: 1, status: 'ACTIVE' }, { headers }), 200).data;
const nobody = having(await getCustomer('ctc_nobody', { headers }), 404).data;

const input = { title: 'Generated', customerEmail: 'orval@example.com', priority: 'high' } as const;
const opened = having(await cstarCreateTicket(teamId, input, { headers }), 201).data.data;
const ticket = having(await cstarGetTicket(teamId, opened.id, { headers }), 200).data.data;
const tickets = having(await cstarListTickets(teamId, { status: 'new', pageSize: 1 }, { headers }), 200).data;
const noTicket = having(await cstarGetTicket(teamId, 'tkt_nobody', { headers }), 404).data;

const upserted = having(await upsertTrackedCustomerUnderApi({ externalId: 'usr_orval', phone: null }, { headers }), 200).data.data;
const tracked = having(await getTrackedCustomerUnderApi('ext_usr_orval', { headers }), 200).data.data;
const all = having(await listTrackedCustomersUnderApi({ limit: 1, sortOrder: 'desc' }, { headers }), 200).data;
const untracked = having(await getTrackedCustomerUnderApi('ext_nobody', { headers }), 404).data;

console.log(JSON.stringify({
  tidysupport: [nameOf(created), same(read.id, created.id), list.items.length, nobody.message],
  cstar: [opened.priority, ticket.messages.length, tickets.data.length, noTicket.error.code],
  linquid: [upserted.ltv.amountMinor, same(tracked.id, created.id), all.pagination.limit, untracked.code],
}));
`;

export const generators: readonly Generator[] = [
  {
    name: 'openapi-fetch',
    command: ['openapi-typescript/bin/cli.js', 'openapi.json', '-o', 'openapi.d.ts'],
    program: openapiFetch,
  },
  {
    name: 'hey-api',
    command: ['@hey-api/openapi-ts/bin/run.js', '-i', 'openapi.json', '-o', 'hey-api'],
    program: heyApi,
  },
  { name: 'orval', command: ['orval/dist/bin/orval.mjs', '--config', 'orval.config.mjs'], program: orval },
];

/** What the configuration of orval says; the others need none. */
export const orvalConfiguration = (baseUrl: string): string =>
  `export default ${JSON.stringify({
    api: {
      input: 'openapi.json',
      output: { target: 'orval/client.ts', schemas: 'orval/models', client: 'fetch', baseUrl },
    },
  })};`;
