import { run } from '../run.js';

interface Saying {
  /** The directions of messages "message 0", "message 1", …, all sent at one time. */
  said?: readonly ('INBOUND' | 'OUTBOUND')[];
  messages?: readonly object[];
  customer?: object;
}

/** A line to import. */
export function conversation(externalId: string, { said = ['INBOUND'], messages, customer }: Saying = {}): string {
  const sentAt = '2020-01-01T00:00:00.000Z';
  return JSON.stringify({
    externalId,
    team: 'Desk',
    source: 'CHAT',
    customer: customer ?? { externalId: `u_${externalId}`, name: 'Uma', email: `u_${externalId}@x.test` },
    messages: messages ?? said.map((direction, place) => ({ direction, text: `message ${place}`, sentAt })),
  });
}

/** Imports lines through standard input and answers the summary. */
export async function importText(workspace: string, input: string | Buffer): Promise<Record<string, unknown>> {
  return (await importLines(workspace, input)).summary;
}

/** Imports lines through standard input, whatever is wrong with them. */
export async function importLines(workspace: string, input: string | Buffer) {
  const args = ['import', 'conversations', '-', '--workspace', workspace, '--json'];
  const { code, out, err } = await run(args, { input });
  return { code, err, summary: JSON.parse(out) as Record<string, unknown> };
}

/** Imports customers through standard input, whatever is wrong with them. */
export async function importCustomers(workspace: string, input: string | Buffer, format: 'csv' | 'jsonl' = 'csv') {
  const args = ['import', 'customers', '-', '--format', format, '--workspace', workspace, '--json'];
  const { code, out, err } = await run(args, { input });
  return { code, err, summary: (out === '' ? {} : JSON.parse(out)) as Record<string, unknown> };
}

/** Imports purchases through standard input, whatever is wrong with them. */
export async function importPurchases(workspace: string, input: string | Buffer) {
  const args = ['import', 'purchases', '-', '--workspace', workspace, '--json'];
  const { code, out, err } = await run(args, { input });
  return { code, err, summary: (out === '' ? {} : JSON.parse(out)) as Record<string, unknown> };
}
