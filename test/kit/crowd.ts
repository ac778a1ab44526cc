import type pg from 'pg';

/**
 * Fills a workspace with so many rows that a plan which reads all of them shows. Every choice is arithmetic on a row's
 * number, with steps that share no factor with the sizes, so that what belongs together is spread over time.
 *
 * Of the customers 1 in 50 is suspended, 1 in 100 angry, and a tenth, side by side, was deleted. Of the conversations 1
 * in 20 is open, 1 in 3 unassigned, and the older half is archived. `ctc_0` has a tenth of the conversations, `thd_0` a
 * twentieth of the messages. Half of the subjects and texts say "hello", 1 in 50 "invoice", 1 in 5,000 "zebra".
 */
export async function fillCrowd(
  client: pg.ClientBase,
  workspaceId: string,
  { customers, conversations, messages }: { customers: number; conversations: number; messages: number },
): Promise<void> {
  const at = (place: string) => `timestamptz '2026-01-01' + (${place}) * interval '1 minute'`;
  const words = (place: string) => `concat_ws(' ',
    CASE WHEN ${place} % 2 = 0 THEN 'Hello' ELSE 'Good day' END,
    CASE WHEN ${place} % 50 = 7 THEN 'invoice' END, CASE WHEN ${place} % 5000 = 77 THEN 'zebra' END,
    'about matter', 'm' || ${place} % 997)`;
  const run = (text: string, ...values: unknown[]) => client.query(text, [workspaceId, ...values]);

  await run(`INSERT INTO "Agent" ("workspaceId", "id", "name", "email")
    SELECT $1, 'agt_' || n, 'Agent ' || n, 'agent' || n || '@desk.test' FROM generate_series(0, 19) AS n`);
  await run(`INSERT INTO "Channel" ("workspaceId", "id", "kind", "name")
    SELECT $1, 'chn_' || n, 'EMAIL', 'Mailbox ' || n FROM generate_series(0, 3) AS n`);
  await run(
    `INSERT INTO "Customer" ("workspaceId", "id", "externalId", "email", "name", "phone", "status", "sentiment", "source",
       "tags", "archivedAt", "deletedAt", "createdAt", "updatedAt", "conversationCount", "lastMessageAt", "ltvMinor",
       "salesCount", "firstSaleAt")
     SELECT $1, 'ctc_' || n, 'usr_' || n, 'person' || n || '@example.com',
       (ARRAY['Ada','Ben','Cleo','Dara','Emil','Fay','Gus','Hana'])[1 + n % 8] || ' ' || upper(substr(md5(n::text), 1, 6)),
       '+4930' || n, (CASE WHEN n % 50 = 3 THEN 'SUSPENDED' ELSE 'ACTIVE' END)::"CustomerStatus",
       (CASE WHEN n % 100 = 9 THEN 'ANGRY' WHEN n % 4 = 0 THEN 'HAPPY' ELSE 'NEUTRAL' END)::"Sentiment", 'EMAIL',
       CASE WHEN n % 250 = 5 THEN ARRAY['vip', 'beta'] WHEN n % 3 = 0 THEN ARRAY['trial'] ELSE '{}' END,
       CASE WHEN n % 10 = 1 THEN now() END, CASE WHEN n BETWEEN $2::int / 2 AND $2::int * 6 / 10 THEN now() END,
       ${at('n')}, CASE WHEN n % 2 = 0 THEN ${at('n * 7 % $2::int')} END, n * 13 % 40,
       CASE WHEN n % 4 > 0 THEN ${at('n * 11 % $2::int')} END, n::bigint * 17 % 5000, n % 3, CASE WHEN n % 3 > 0 THEN ${at('n * 19 % $2::int')} END
     FROM generate_series(0, $2::int - 1) AS n`,
    customers,
  );
  await run(
    `INSERT INTO "Conversation" ("workspaceId", "id", "customerId", "channelId", "status", "source", "subject", "assigneeId",
       "unreadCount", "lastMessageAt", "lastMessagePreview", "createdAt", "updatedAt", "number", "tags")
     SELECT $1, 'thd_' || n, 'ctc_' || CASE WHEN n % 10 = 0 THEN 0 ELSE n * 7 % $3::int END, 'chn_' || n * 3 % 4,
       (CASE WHEN n < $2::int / 2 THEN 'ARCHIVED' WHEN n % 20 = 1 THEN 'OPEN' ELSE 'CLOSED' END)::"ConversationStatus", 'EMAIL',
       ${words('n')}, CASE WHEN n % 3 > 0 THEN 'agt_' || n * 11 % 20 END,
       CASE WHEN n >= $2::int / 2 AND n % 40 = 1 THEN 2 ELSE 0 END, ${at('n')}, 'As said before', ${at('n - 30')},
       CASE WHEN n % 2 = 0 THEN ${at('n + 30')} END, n + 1,
       CASE WHEN n % 200 = 1 THEN ARRAY['billing', 'refund'] WHEN n % 3 = 0 THEN ARRAY['trial'] ELSE '{}' END
     FROM generate_series(0, $2::int - 1) AS n`,
    conversations,
    customers,
  );
  await run(
    `INSERT INTO "Message" ("workspaceId", "id", "conversationId", "direction", "text", "preview", "status", "sentAt")
     SELECT $1, 'msg_' || n, 'thd_' || CASE WHEN n % 20 = 0 THEN 0 ELSE n * 7 % $3::int END,
       (CASE WHEN n % 2 = 0 THEN 'INBOUND' ELSE 'OUTBOUND' END)::"MessageDirection", ${words('n')}, '', 'SENT', ${at('n')}
     FROM generate_series(0, $2::int - 1) AS n`,
    messages,
    conversations,
  );
}
