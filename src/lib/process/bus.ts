import type { Log } from './log.js';

/**
 * Tells the processes of a gateway which workspaces have changed. A message only wakes the receivers: the changes are
 * in the outbox, and a process that misses a message finds them there shortly afterwards.
 */
export interface Bus {
  /** Tells every process, including this one. Calls within one turn of the event loop are sent as one message. */
  publish(workspaceId: string): void;
  close(): Promise<void>;
}

type StreamedEvent = (workspaceId: string) => void;

/**
 * The message that a person was erased in a workspace. Processes that receive it clear what they cache of the
 * workspace.
 */
export const erasedIn = (workspaceId: string): string => `${workspaceId} ${erased}`;

/** Parses a message: the workspace, and whether a person was erased in it. */
export function readNews(news: string): { workspaceId: string; isErasure: boolean } {
  const [workspaceId = '', what] = news.split(' ');
  return { workspaceId, isErasure: what === erased };
}

const erased = 'erased';

/** Connects a process with the others. `told` is called for their changes and for its own. */
export type ConnectBus = (told: StreamedEvent) => Bus | Promise<Bus>;

/** For a gateway of one process. */
export function localBus(told: StreamedEvent): Bus {
  const publish = gathered((workspaceIds) => {
    for (const workspaceId of workspaceIds) told(workspaceId);
  });
  return { publish, close: async () => undefined };
}

const channel = 'deskgraph:changes';

/** For several processes, through Redis. While Redis is away, other processes find changes by polling the outbox. */
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
    // Commands in progress fail when the connection is closed on purpose. Only other failures are logged.
    if (publisher.status !== 'end') log.warn({ err: error }, 'Redis refused; other processes learn of changes late.');
  };
  // Sent as soon as Redis answers, and again after each reconnect.
  subscriber.subscribe(channel).catch(refused);
  const publish = gathered((workspaceIds) => {
    // This process is told at once without waiting for Redis. Others find lost messages in the outbox.
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

/** The ids in a message of another process; none when the message is not ours. */
function workspaceIdsOf(message: string): string[] {
  try {
    const ids: unknown = JSON.parse(message);
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

const retryStrategy = (attempt: number): number => Math.min(attempt * 100, 2_000);

/** Collects the calls of one turn of the event loop. */
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
