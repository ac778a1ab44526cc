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

type Told = (workspaceId: string) => void;

/** Connects a process with the others; it is told of their changes and of its own. */
export type ConnectBus = (told: Told) => Bus | Promise<Bus>;

/** For a gateway of one process. */
export function localBus(told: Told): Bus {
  const publish = gathered((workspaceIds) => {
    for (const workspaceId of workspaceIds) told(workspaceId);
  });
  return { publish, close: async () => undefined };
}

const channel = 'deskgraph:changes';

/** For several processes, by way of Redis. While Redis is away, others find out by looking at the outbox. */
export async function redisBus(url: string, told: Told, log: Log): Promise<Bus> {
  const [{ Redis }, { createRedisEventTarget }] = await Promise.all([
    import('ioredis'),
    import('@graphql-yoga/redis-event-target'),
  ]);
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
  const publishClient = connect();
  const subscribeClient = connect();
  const target = createRedisEventTarget<CustomEvent<string[]>>({ publishClient, subscribeClient });
  target.addEventListener(channel, (event) => {
    if (event) for (const workspaceId of event.detail) told(workspaceId);
  });
  const publish = gathered((workspaceIds) => {
    // Without waiting for Redis: this process is told at once, and what is not told is found in the outbox.
    for (const workspaceId of workspaceIds) told(workspaceId);
    if (publishClient.status === 'ready') target.dispatchEvent(new CustomEvent(channel, { detail: workspaceIds }));
  });
  return {
    publish,
    async close() {
      for (const client of [publishClient, subscribeClient]) client.disconnect();
    },
  };
}

const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 2_000);

/** Gathers what is published in one turn of the event loop. */
export function gathered(send: (workspaceIds: string[]) => void): Told {
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
