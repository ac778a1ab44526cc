import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const { WEBHOOK_SECRET: secret = '', PORT: port = '8000' } = process.env;
const webhook = new Webhook(secret);

/** The ids of the events that were handled. In a program that is kept this is a table, written with what the event changes. */
const handled = new Set();

const server = createServer(async (request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  // The body as it came: what is parsed and written again has another signature.
  const body = Buffer.concat(chunks).toString();
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  /** @type {{ type: string, data: { entityId: string } }} */
  let event;
  try {
    event = /** @type {any} */ (webhook.verify(body, headers));
  } catch {
    response.writeHead(401).end();
    return;
  }
  const id = headers['webhook-id'];
  if (!handled.has(id)) console.log(`${event.type} ${event.data.entityId}`);
  handled.add(id);
  response.writeHead(204).end();
});
server.listen(Number(port), '127.0.0.1', () => console.log(`Listening on port ${port}`));
