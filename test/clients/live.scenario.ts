import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ClientLiveInboxQuery } from '../generated/graphql.js';
import { type Transport, transports } from '../kit/followers.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type NetworkProxy, openNetworkProxy } from '../kit/proxy.js';
import { type InboxStory, seedInbox } from './inbox.js';

type Row = ClientLiveInboxQuery['conversations']['edges'][number]['node'];

/** A client that shows the open conversations and follows their changes. */
export interface LiveInboxClient {
  /** The conversations that it shows; nothing before they have come. */
  shown(): readonly Row[] | undefined;
  /** The types of the changes that it was told. */
  told(): readonly string[];
  leave(): void;
}

/** What must hold for an inbox that follows its changes, in whatever client. */
export function describeLiveInbox(
  clientName: string,
  connect: (transport: Transport, endpoint: string, key: string) => LiveInboxClient,
): void {
  describe.each(transports)(`the inbox that ${clientName} follows over %s`, (transport) => {
    let server: TestServer;
    let network: NetworkProxy;
    let story: InboxStory;
    let client: LiveInboxClient;

    beforeAll(async () => {
      server = await startTestServer();
      network = await openNetworkProxy(server.origin);
    });
    afterAll(async () => {
      await network.close();
      await server.close();
    });
    beforeEach(async () => {
      story = await seedInbox(server, 6);
      client = connect(transport, `${network.origin}/graphql`, story.key);
      await expect.poll(ids).toEqual(story.latestFirst);
      // Whatever comes before the first change is told has nothing to go on from.
      await expect.poll(openSubscriptions).toBe('1');
      return async () => {
        client.leave();
        await expect.poll(openSubscriptions).toBe('0');
      };
    });

    const ids = () => client.shown()?.map(({ databaseId }) => databaseId);
    const row = (place: number) => client.shown()?.find(({ databaseId }) => databaseId === story.latestFirst[place]);
    const openSubscriptions = async () => {
      const metrics = await (await fetch(`${server.origin}/metrics`)).text();
      return /^deskgraph_subscriptions (\d+)$/m.exec(metrics)?.[1];
    };

    test('shows what others do, takes out what they close, and puts in what is new', async () => {
      await story.say(2, 'Any news?');
      await expect.poll(() => row(2)).toMatchObject({ lastMessagePreview: 'Any news?', unreadCount: 2 });
      expect(ids()).toEqual(story.latestFirst);
      await story.setStatus(1, 'CLOSED');
      const [first, closed, ...others] = story.latestFirst;
      await expect.poll(ids).toEqual([first, ...others]);
      await story.setStatus(1, 'OPEN');
      await expect.poll(ids).toEqual([closed, first, ...others]);
      const started = await story.start('new@example.com', 'Hello there.');
      await expect.poll(ids).toEqual([started, closed, first, ...others]);
    });

    test('goes on after a cut with what it missed, each change once', async () => {
      await story.say(0, 'Before the cut');
      await expect.poll(() => row(0)?.lastMessagePreview).toBe('Before the cut');
      await network.close();
      await story.setStatus(3, 'CLOSED');
      await story.say(5, 'While it was cut off');
      await network.open();
      await expect.poll(() => row(5)?.lastMessagePreview).toBe('While it was cut off');
      expect(ids()).toEqual(story.latestFirst.filter((_id, place) => place !== 3));
      await story.say(5, 'After the cut');
      await expect.poll(() => row(5)?.lastMessagePreview).toBe('After the cut');
      expect(client.told()).toEqual([
        'message.created',
        'conversation.status_changed',
        'message.created',
        'message.created',
      ]);
    });
  });
}
