import { expect, test } from 'vitest';
import { subscribe, transports } from '../../kit/followers.js';
import { startTestServer } from '../../kit/http.js';
import { changes } from './changes.js';

test.each(transports)(
  'over %s, a gateway that ends cuts subscriptions off so that clients come back',
  async (transport) => {
    const server = await startTestServer();
    const desk = await server.createDesk();
    const following = subscribe({ endpoint: server.endpoint, key: desk.key, transport }, changes, { after: '0' });
    await following.until(1);
    await server.app.close();
    const end = await following.ended;
    await server.close();
    // Over WebSocket the whole connection ends, with a code after which clients connect again and go on.
    if (transport === 'WebSocket') expect(end).toMatchObject({ code: 1012 });
    else {
      expect(following.failed.at(-1)?.errors?.[0]?.extensions).toEqual({
        code: 'UNAVAILABLE',
        retryable: true,
        requestId: expect.any(String),
      });
      expect(end).toBe('complete');
    }
  },
);

test.each(transports)('over %s, a subscriber that leaves leaves nothing behind', async (transport) => {
  const server = await startTestServer();
  const desk = await server.createDesk();
  const followers = async () => {
    const metrics = await (await fetch(`${server.origin}/metrics`)).text();
    return /^deskgraph_subscriptions (\d+)$/m.exec(metrics)?.[1];
  };
  const following = subscribe({ endpoint: server.endpoint, key: desk.key, transport }, changes, { after: '0' });
  await following.until(1);
  expect(await followers()).toBe('1');
  following.leave();
  await expect.poll(followers).toBe('0');
  await server.close();
});
