import type { Log } from './log.js';

/**
 * Tells the processes of a gateway which workspaces have changed. It only wakes: what was changed stands in the
 * outbox, and whoever misses a call finds it there a moment later.
 */
export interface Bus {
  /** Tells every process, this one too. Calls within one turn of the event loop go out as one. */
  publish(workspaceId: string): void;
  close(): Promise<void>;
}

type StreamedEvent = (workspaceId: string) => void;

/** What is published when a person was erased in a workspace, so that processes forget what they keep of it. */
export const erasedIn = (workspaceId: string): string => `${workspaceId} ${erased}`;

/** What was published: the workspace, and whether a person was erased in it. */
export function readNews(news: string): { workspaceId: string; isErasure: boolean } {
  const [workspaceId = '', what] = news.split(' ');
  return { workspaceId, isErasure: what === erased };
}

const erased = 'erased';

/** Connects a process with the others; it is told of their changes and of its own. */
export type ConnectBus = (told: StreamedEvent) => Bus | Promise<Bus>;

/** For a gateway of one process. */
export function localBus(told: StreamedEvent): Bus {
  const publish = gathered((workspaceIds) => {
    for (const workspaceId of workspaceIds) told(workspaceId);
  });
  return { publish, close: async () => undefined };
}

const channel = 'deskgraph:changes';

/** For several processes, by way of Redis. While Redis is away, others find out by looking at the outbox. */
export async function redisBus(url: string, told: StreamedEvent, log: Log): Promise<Bus> {
  const { Redis } = await import('ioredis');
  let isAway = false;
  const connect = () => {
    const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
    client.on('ready', () => {
      if (isAway) log.info('Redis answers again.');
      isAway = false;
    });
    client.on('error', (error: Error) => {
      if (!isAway) log.warn({ err: error }, 'Redis does not answer; other processes learn of changes late.');
      isAway = true;
    });
    return client;
  };
  const publisher = connect();
  const subscriber = connect();
  subscriber.on('message', (_channel: string, message: string) => {
    for (const workspaceId of workspaceIdsOf(message)) told(workspaceId);
  });
  const refused = (error: unknown): void => {
    // What was under way when the connection is closed for good is refused as well.
    if (publisher.status !== 'end') log.warn({ err: error }, 'Redis refused; other processes learn of changes late.');
  };
  // Sent as soon as Redis answers, and again whenever it comes back.
  subscriber.subscribe(channel).catch(refused);
  const publish = gathered((workspaceIds) => {
    // Without waiting for Redis: this process is told at once, and what is not told is found in the outbox.
    for (const workspaceId of workspaceIds) told(workspaceId);
    if (publisher.status === 'ready') publisher.publish(channel, JSON.stringify(workspaceIds)).catch(refused);
  });
  return {
    publish,
    async close() {
      for (const client of [publisher, subscriber]) client.disconnect();
    },
  };
}

/** The ids that another process told; none when the message is not one of ours. */
function workspaceIdsOf(message: string): string[] {
  try {
    const ids: unknown = JSON.parse(message);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 2_000);

/** Gathers what is published in one turn of the event loop. */
export function gathered(send: (workspaceIds: string[]) => void): StreamedEvent {
  const waiting = new Set<string>();
  const flush = (): void => {
    const workspaceIds = [...waiting];
    waiting.clear();
    send(workspaceIds);
  };
  return (workspaceId) => {
    if (waiting.size === 0) setImmediate(flush);
    waiting.add(workspaceId);
  };
}
