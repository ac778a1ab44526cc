import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { tracesIn } from '../kit/everything.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, postMail } from '../kit/mail.js';

/** Whoever is deleted is looked for in every table: further addresses, files, kept mails, blocks, links and clicks. */

let server: TestServer;
let desk: Desk;
let personId: string;

const traces = /wilhelmina|oxenbrook|wilma\.ox|second\.ox|oxen\.test|usr_OXENB8/i;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
  await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  const { customer } = await server.services.customers.upsert(desk.operator, {
    externalId: 'usr_OXENB8',
    email: 'wilma.ox@oxen.test',
    otherEmails: ['second.ox@oxen.test'],
    name: 'Wilhelmina Oxenbrook',
  });
  personId = customer.id;
});
afterAll(() => server.close());

const remove = graphql(`
  mutation EraseEverywhere($input: DeleteCustomerInput!) {
    deleteCustomer(input: $input) { receipt { table action count } userErrors { message } }
  }
`);

async function rejected(headers: Record<string, string>): Promise<void> {
  const id = `<${Math.random()}@others.example>`;
  const { status } = await postMail(server, desk, mail({ 'Message-ID': id, From: 'a@others.example', ...headers }));
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
}

test.each(['PURGE', 'SCRUB'] as const)('%s leaves nothing of what is kept beside conversations', async (mode) => {
  const { services } = server;
  const { operator } = desk;
  // Nobody has the address that these are for.
  await rejected({ To: 'nobody@desk.test', From: 'second.ox@oxen.test' });
  await rejected({ To: 'nobody@desk.test', From: 'wilma.ox+shop@oxen.test' });
  await rejected({ To: 'nobody@desk.test, wilma.ox+shop@oxen.test' });
  await rejected({ To: 'nobody@desk.test', Subject: 'About Wilhelmina Oxenbrook' });
  await rejected({ To: 'nobody@desk.test', Subject: 'About somebody else' });
  await services.blockedSenders.block(operator, { pattern: 'second.ox@oxen.test', reason: 'Wilhelmina Oxenbrook' });
  await services.blockedSenders.block(operator, { pattern: 'spam.example', reason: 'Writes as usr_OXENB8' });
  await services.links.create(operator, {
    url: 'https://desk.test/u/usr_OXENB8?to=wilma.ox%40oxen.test',
    name: 'For Wilhelmina Oxenbrook',
    tags: ['usr_OXENB8'],
  });
  await services.uploads.add(await services.authentication.authenticate(desk.key), [
    { fileName: 'Wilhelmina Oxenbrook.txt', contentType: 'text/plain', content: Buffer.from('x') },
  ]);
  expect(await tracesIn(server, traces)).not.toEqual([]);
  const { deleteCustomer } = await desk.run(remove, { input: { id: personId, mode } });
  expect(deleteCustomer.userErrors).toEqual([]);
  expect(deleteCustomer.receipt).toEqual(
    expect.arrayContaining([
      { table: 'RejectedMail', action: 'REMOVED', count: 4 },
      { table: 'BlockedSender', action: 'REMOVED', count: 1 },
      { table: 'BlockedSender', action: 'MASKED', count: 2 },
      { table: 'Link', action: 'MASKED', count: 1 },
      { table: 'Upload', action: 'MASKED', count: 1 },
    ]),
  );
  expect(await tracesIn(server, traces)).toEqual([]);
  expect(await server.database.prisma.rejectedMail.count({ where: { workspaceId: desk.workspaceId } })).toBe(1);
});
