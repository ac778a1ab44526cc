import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const { WEBHOOK_SECRET: secret = '', SLACK_WEBHOOK_URL: slack = '', PORT: port = '8001' } = process.env;
const webhook = new Webhook(secret);

/** @typedef {{ direction: string, preview: string | null, author?: { name?: string | null } | null }} Message */

const server = createServer(async (request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  /** @type {{ type: string, data: { entity: Message | null } }} */
  let event;
  try {
    event = /** @type {any} */ (webhook.verify(Buffer.concat(chunks).toString(), headers));
  } catch {
    response.writeHead(401).end();
    return;
  }
  const message = event.data.entity;
  const isTold = event.type !== 'message.created' || message?.direction !== 'INBOUND' || (await tell(message));
  response.writeHead(isTold ? 204 : 502).end();
});
server.listen(Number(port), '127.0.0.1', () => console.log(`Listening on port ${port}`));

/**
 * @param {Message} message
 * @returns {Promise<boolean>} whether Slack has taken it
 */
async function tell({ preview }) {
  // What people write is shown as they wrote it: these three signs mean something to Slack.
  const text = (preview ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  try {
    const { ok } = await fetch(slack, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: `A customer wrote: ${text}` }),
    });
    return ok;
  } catch {
    return false;
  }
}
