import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { call, expectAnswer, type RestRequest, refused } from '../../kit/rest.js';
import { type Story, tellStory } from '../../kit/story.js';

/** The requests of TidySupport's Analytics document. */

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
  const { desk, jane, billing } = story;
  const { workspaceId, operator } = desk;
  const ofJane = { workspaceId_id: { workspaceId, id: jane.id } };
  await server.database.prisma.customer.update({
    where: ofJane,
    data: { createdAt: new Date('2026-03-01T09:00:00Z') },
  });
  const where = { workspaceId_id: { workspaceId, id: billing.id } };
  await server.database.prisma.conversation.update({ where, data: { createdAt: new Date('2026-03-02T09:00:00Z') } });
  for (const country of ['US', 'DE', 'US', 'GB']) {
    await server.services.clicks.record(operator, { country, occurredAt: new Date('2026-03-02T09:00:00Z') });
  }
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, story.desk, `/v1/analytics/${path}`, request);

test('the overview counts conversations and customers of the period', async () => {
  expectAnswer(await send('overview?from=2026-03-01&to=2026-03-13'), {
    status: 200,
    body: {
      totalEvents: 1,
      totalCustomers: 1,
      totalRevenue: 0,
      periodStart: '2026-03-01T00:00:00.000Z',
      periodEnd: '2026-03-13T00:00:00.000Z',
    },
  });
  expect((await send('overview')).body).toMatchObject({ totalCustomers: 1, totalRevenue: 0 });
  expect((await send('overview?from=2026-03-01T09:00:01Z&to=&unknown=1')).body).toMatchObject({ totalEvents: 1 });
});

test('the time series has every day of the period', async () => {
  expectAnswer(await send('events/timeseries?from=2026-03-01&to=2026-03-04'), {
    status: 200,
    body: [
      { date: '2026-03-01', count: 0 },
      { date: '2026-03-02', count: 1 },
      { date: '2026-03-03', count: 0 },
    ],
  });
});

test('the top countries are named, those with the most visits first', async () => {
  expectAnswer(await send('top-countries?from=2026-03-01&to=2026-03-13'), {
    status: 200,
    body: [
      { country: 'United States', count: 2 },
      { country: 'Germany', count: 1 },
      { country: 'United Kingdom', count: 1 },
    ],
  });
  expectAnswer(await send('top-countries?from=2026-03-03&to=2026-03-13'), { status: 200, body: [] });
});

test('what cannot be used is refused, and who may not ask', async () => {
  const notATime = 'from must be a date such as 2026-03-01, or a time such as 2026-03-01T10:00:00Z.';
  const { desk, ada } = story;
  const ofUser = await server.services.apiKeys.create({
    ...{ workspaceId: desk.workspaceId, kind: 'USER' as const, agentId: ada.id },
  });
  for (const path of ['overview', 'events/timeseries', 'top-countries']) {
    expectAnswer(await send(`${path}?from=yesterday`), refused(400, 'Bad Request', notATime));
    expectAnswer(
      await send(`${path}?from=2026-03-13&to=2026-03-01`),
      refused(400, 'Bad Request', 'to must not lie before from.'),
    );
    expectAnswer(
      await send(`${path}?from=2000-01-01`),
      refused(400, 'Bad Request', 'from must lie at most 3660 days before to.'),
    );
    expectAnswer(
      await send(path, { key: ofUser.key }),
      refused(403, 'Forbidden', 'This endpoint requires an API key with api_user scope.'),
    );
    const { key } = await story.desk.withScopes('customers:read');
    expect((await send(path, { key })).status).toBe(403);
  }
});
