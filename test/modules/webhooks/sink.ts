import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A request that an endpoint got. */
export interface Received {
  /** The path it came to, which tells the endpoints of a test apart. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a sink answers: a status, or whatever it likes to do with the response. */
type Reaction = number | ((response: ServerResponse, request: Received) => void);

/** A server that takes webhooks. */
export interface Sink {
  url: string;
  port: number;
  received: Received[];
  /** What it got at a path. */
  at(path: string): Received[];
  /** What it answers at a path: each of these once, and then the last one for ever. 200 when nothing is said. */
  answer(path: string, ...reactions: Reaction[]): void;
  close(): Promise<void>;
}

export async function openSink(): Promise<Sink> {
  const received: Received[] = [];
  const reactions = new Map<string, Reaction[]>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const one = { path, headers: request.headers, body };
      received.push(one);
      const left = reactions.get(path) ?? [200];
      const reaction = (left.length > 1 ? left.shift() : left[0]) ?? 200;
      if (typeof reaction === 'function') reaction(response, one);
      else response.writeHead(reaction).end(`Status ${reaction}.`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    at: (path) => received.filter((one) => one.path === path),
    answer: (path, ...each) => void reactions.set(path, each),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The payload of a request, once its signature was verified. Throws when it does not verify. */
export const verified = (secret: string, { body, headers }: Received): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);
