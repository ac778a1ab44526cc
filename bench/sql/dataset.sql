-- The data set, made by set-based statements only. Every choice is a hash of a row's number, so that each run
-- measures the same rows. Parameters come as settings: bench.customers, bench.conversations, bench.extra
-- (conversations that only the big workspace gets, for measuring depth).

-- Keys are checked where the application writes; checking them here would triple the time.
SET session_replication_role = replica;

CREATE FUNCTION pg_temp.pick(n bigint, salt int, size int) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$ SELECT ((hashint8extended(n, salt) & 9223372036854775807) % size)::int $$;

-- One workspace holds half of everything, as tenants do.
CREATE TEMP TABLE share AS
SELECT n, 'wrk_bench' || lpad(n::text, 2, '0') AS workspace, lo, hi
FROM (VALUES (1, 0, 50), (2, 50, 65), (3, 65, 75), (4, 75, 82), (5, 82, 87),
             (6, 87, 91), (7, 91, 94), (8, 94, 97), (9, 97, 99), (10, 99, 100)) AS s (n, lo, hi);

CREATE TEMP TABLE sentence AS
SELECT n - 1 AS n, text FROM unnest(ARRAY[
  'Hello, I placed an order last Tuesday and the tracking page still says that the label was created.',
  'Could you please check what happened to it?',
  'Thank you for getting in touch, and sorry for the wait.',
  'I have had a look at your account and can see the payment, but no shipment was made for it yet.',
  'The warehouse confirmed that the parcel leaves this afternoon; you will get an e-mail with a new tracking number.',
  'The app closes as soon as I open the settings page.',
  'It started after the update on Friday, before that everything worked.',
  'Which version do you see at the bottom of the menu?',
  'It says 4.12.1, on Android 15.',
  'We found the cause and a fix is on its way to the store; until then, signing out and in again helps.',
  'I was charged twice for the same month, see the attached statement.',
  'I refunded the second charge, it should reach your card within five working days.',
  'Perfect, that did it.',
  'Is there a way to export all our conversations as a spreadsheet?',
  'Yes: open Reports, choose the period and press Export; larger exports arrive by e-mail.',
  'We would like to move eight colleagues to the yearly plan, what would that cost us?',
  'I am passing this on to a colleague from billing, who will come back to you today.',
  'My password reset mail never arrives, I checked the spam folder too.',
  'Your provider rejected our mail; could you add us to the list of safe senders and try again?',
  'Any news?', 'Thanks a lot!', 'You are welcome, have a nice day.',
  'Please let me know if there is anything else that I can do for you.',
  'That is not what I asked for, and I am getting tired of explaining it.'
]) WITH ORDINALITY AS s (text, n);

-- What only the third sentence of a message can be: one in twelve messages has one of these.
INSERT INTO sentence VALUES
  (46, '返金はいつ届きますか。'),
  (47, '請求書を再発行していただけますか。'),
  (48, '配送状況を確認しましたので、明日お届けの予定です。'),
  (49, 'パスワードを変更してもログインできません。');

INSERT INTO "Workspace" ("id", "name", "timezone", "entitlements")
SELECT workspace, 'Workspace ' || n, CASE WHEN n % 2 = 0 THEN 'UTC' ELSE 'Europe/Berlin' END, ARRAY['REVENUE_TRACKING']
FROM share;

INSERT INTO "Agent" ("workspaceId", "id", "name", "email", "avatarUrl", "createdAt")
SELECT workspace, agent_id, 'Agent ' || a, 'agent' || a || '@example.com',
       CASE WHEN a % 3 > 0 THEN 'https://cdn.example.com/agents/' || agent_id || '.png' END, now() - interval '800 days'
FROM share, generate_series(0, 19) AS a, format('agt_%s%s', lpad(n::text, 2, '0'), lpad(a::text, 22, '0')) AS agent_id;

INSERT INTO "Channel" ("workspaceId", "id", "kind", "name", "address", "createdAt")
SELECT workspace, format('chn_%s%s', lpad(n::text, 2, '0'), lpad(c::text, 22, '0')), kind::"ChannelKind", initcap(kind),
       CASE kind WHEN 'EMAIL' THEN 'support@example.com' END, now() - interval '800 days'
FROM share, unnest(ARRAY['EMAIL', 'CHAT', 'FORM', 'API']) WITH ORDINALITY AS k (kind, c);

CREATE TEMP TABLE customer AS
SELECT c AS n, workspace, row_number() OVER (PARTITION BY workspace ORDER BY c) - 1 AS rank, created,
       'ctc_' || lpad(to_hex((extract(epoch FROM created) * 1000)::bigint), 12, '0') || lpad(to_hex(c), 12, '0') AS id
FROM generate_series(1, current_setting('bench.customers')::int) AS c
JOIN share ON c % 100 >= lo AND c % 100 < hi
CROSS JOIN LATERAL (SELECT date_trunc('second', now()) - interval '400 days'
                           - pg_temp.pick(c, 1, 31536000) * interval '1 second' AS created) AS t;
CREATE INDEX ON customer (workspace, rank);

CREATE TEMP TABLE conversation AS
SELECT v AS n, s.n AS s, s.workspace, t.created, customer.id AS customer_id,
       'thd_' || lpad(to_hex((extract(epoch FROM t.created) * 1000)::bigint), 12, '0') || lpad(to_hex(v), 12, '0') AS id,
       CASE WHEN pg_temp.pick(v, 2, 100) = 0 THEN 50 + pg_temp.pick(v, 3, 41) ELSE 1 + pg_temp.pick(v, 3, 8) END AS size,
       CASE WHEN pick < 35 THEN 'OPEN' WHEN pick < 90 THEN 'CLOSED' ELSE 'ARCHIVED' END AS status,
       pg_temp.pick(v, 5, 4) AS channel
FROM generate_series(1, current_setting('bench.conversations')::int + current_setting('bench.extra')::int) AS v
CROSS JOIN LATERAL (SELECT CASE WHEN v > current_setting('bench.conversations')::int THEN 0 ELSE v % 100 END AS slot) AS q
JOIN share AS s ON slot >= lo AND slot < hi
CROSS JOIN LATERAL (SELECT date_trunc('second', now()) - interval '6 days'
                           - pg_temp.pick(v, 6, 31536000) * interval '1 second' AS created, pg_temp.pick(v, 4, 100) AS pick) AS t
JOIN (SELECT workspace, count(*) AS count FROM customer GROUP BY workspace) AS size USING (workspace)
-- The square makes a few customers write often.
JOIN customer ON customer.workspace = s.workspace
             AND customer.rank = floor(size.count * (pg_temp.pick(v, 7, 1000000) / 1e6) ^ 2)::bigint;
ANALYZE customer, conversation;

CREATE TEMP TABLE message AS
SELECT c.n AS c, c.workspace, c.id AS conversation_id, i, c.size, key, sent,
       'msg_' || lpad(to_hex((extract(epoch FROM sent) * 1000)::bigint), 12, '0') || lpad(to_hex(key), 12, '0') AS id,
       CASE WHEN i > 0 AND pg_temp.pick(key, 10, 40) = 0 THEN 'SYSTEM'
            WHEN (i + pg_temp.pick(c.n, 11, 5) / 4) % 2 = 0 THEN 'INBOUND' ELSE 'OUTBOUND' END AS direction,
       'agt_' || lpad(c.s::text, 2, '0') || lpad(pg_temp.pick(c.n, 12, 20)::text, 22, '0') AS agent_id,
       first.text || coalesce(' ' || second.text, '') || coalesce(' ' || third.text, '') AS text
FROM conversation AS c
CROSS JOIN LATERAL generate_series(0, c.size - 1) AS i
CROSS JOIN LATERAL (SELECT c.n * 100 + i AS key,
                           c.created + i * interval '1 hour' + pg_temp.pick(c.n * 100 + i, 13, 3000) * interval '1 second' AS sent) AS t
JOIN sentence AS first ON first.n = pg_temp.pick(key, 14, 24)
LEFT JOIN sentence AS second ON second.n = pg_temp.pick(key, 15, 30)
LEFT JOIN sentence AS third ON third.n = pg_temp.pick(key, 16, 50);
ANALYZE message;

CREATE TEMP TABLE talk AS
SELECT c, max(sent) AS last_at, min(sent) FILTER (WHERE direction = 'OUTBOUND') AS first_response,
       max(left(text, 140)) FILTER (WHERE i = size - 1) AS last_preview,
       count(*) FILTER (WHERE direction = 'INBOUND' AND i > last_reply) AS waiting
FROM (SELECT *, coalesce(max(i) FILTER (WHERE direction = 'OUTBOUND') OVER (PARTITION BY c), -1) AS last_reply
      FROM message) AS m
GROUP BY c;
ANALYZE talk;

INSERT INTO "Customer" ("workspaceId", "id", "uuid", "externalId", "email", "name", "phone", "phoneE164", "avatarUrl", "status", "sentiment",
  "tags", "metadata", "source", "createdAt", "updatedAt", "conversationCount", "lastMessageAt", "lastMessagePreview")
SELECT workspace, id, md5(id)::uuid, CASE WHEN pg_temp.pick(n, 20, 5) < 3 THEN 'user-' || n END,
       CASE WHEN pg_temp.pick(n, 21, 20) > 0 THEN 'person.' || n || '@example.net' END,
       CASE WHEN pg_temp.pick(n, 22, 12) > 0 THEN
         (ARRAY['Ada','Ben','Chloé','Dmitri','Emre','Fatima','Grace','Hiro','Ingrid','José'])[1 + pg_temp.pick(n, 23, 10)] || ' ' ||
         (ARRAY['Okafor','Lindqvist','Tanaka','Moreau','Silva','Novák','Haddad','Meyer'])[1 + pg_temp.pick(n, 24, 8)] END,
       CASE WHEN n % 2 = 0 THEN '+49170' || lpad(n::text, 7, '0') END, CASE WHEN n % 2 = 0 THEN '+49170' || lpad(n::text, 7, '0') END,
       CASE WHEN pg_temp.pick(n, 25, 2) = 0 THEN 'https://cdn.example.com/avatars/' || id || '.png' END,
       (CASE WHEN pg_temp.pick(n, 26, 50) = 0 THEN 'SUSPENDED' ELSE 'ACTIVE' END)::"CustomerStatus",
       (ARRAY['HAPPY', 'NEUTRAL', 'NEUTRAL', 'FRUSTRATED', 'ANGRY'])[1 + pg_temp.pick(n, 27, 5)]::"Sentiment",
       CASE WHEN n % 4 = 0 THEN ARRAY['vip', 'beta'] WHEN n % 4 = 1 THEN ARRAY['trial'] ELSE '{}' END,
       jsonb_build_object('plan', (ARRAY['free', 'team', 'business'])[1 + n % 3], 'seats', 1 + n % 40),
       'EMAIL', created, created, coalesce(conversations, 0), last_at, last_preview
FROM customer
LEFT JOIN (SELECT customer_id, count(*) AS conversations, max(last_at) AS last_at,
                  (array_agg(last_preview ORDER BY last_at DESC, id DESC))[1] AS last_preview
           FROM conversation JOIN talk ON c = n GROUP BY customer_id) AS active ON customer_id = id;

-- What search makes of a text takes a third of a millisecond, and most texts are there many times: while the tables are
-- filled, the function looks up what it has said of them. Each has its own weight.
CREATE TEMP TABLE known AS
SELECT text, "deskgraph_vector"(text, 'D') AS vector
FROM (SELECT text FROM message UNION SELECT last_preview FROM talk UNION SELECT left(text, 78) FROM sentence) AS t;
CREATE INDEX ON known USING hash (text);
ANALYZE known;
CREATE TEMP TABLE original AS SELECT pg_get_functiondef('"deskgraph_vector"(text, "char")'::regprocedure) AS definition;
DO $$ BEGIN EXECUTE (SELECT replace(definition, 'deskgraph_vector', 'bench_vector') FROM original); END $$;
CREATE OR REPLACE FUNCTION "deskgraph_vector"(given text, weight "char") RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN coalesce((SELECT setweight(vector, weight) FROM pg_temp.known WHERE text = given COLLATE "default"), bench_vector(given, weight));
END $$;

INSERT INTO "Conversation" ("workspaceId", "id", "customerId", "channelId", "status", "source", "subject", "assigneeId", "unreadCount",
  "lastMessageAt", "lastMessagePreview", "firstResponseAt", "closedAt", "createdAt", "updatedAt", "number")
SELECT workspace, id, customer_id, 'chn_' || lpad(s::text, 2, '0') || lpad((channel + 1)::text, 22, '0'), status::"ConversationStatus",
       (ARRAY['EMAIL', 'CHAT', 'FORM', 'API'])[1 + channel]::"ConversationSource",
       CASE WHEN pg_temp.pick(v.n, 30, 10) > 0 THEN left(sentence.text, 78) END,
       CASE WHEN pg_temp.pick(v.n, 31, 10) < 7 THEN 'agt_' || lpad(s::text, 2, '0') || lpad(pg_temp.pick(v.n, 12, 20)::text, 22, '0') END,
       CASE status WHEN 'OPEN' THEN waiting ELSE 0 END, last_at, last_preview, first_response,
       CASE status WHEN 'OPEN' THEN NULL ELSE last_at + interval '1 hour' END, created, last_at,
       row_number() OVER (PARTITION BY workspace ORDER BY created, id)
FROM conversation AS v JOIN talk ON c = v.n JOIN sentence ON sentence.n = pg_temp.pick(v.n, 32, 24);

INSERT INTO "Message" ("workspaceId", "id", "conversationId", "direction", "authorName", "agentId", "text", "html", "preview",
  "status", "sentAt", "createdAt")
SELECT workspace, id, conversation_id, direction::"MessageDirection", CASE direction WHEN 'INBOUND' THEN 'Customer' END,
       CASE direction WHEN 'OUTBOUND' THEN agent_id END, text, CASE WHEN pg_temp.pick(key, 17, 5) < 2 THEN '<p>' || text || '</p>' END,
       left(text, 140), (CASE direction WHEN 'INBOUND' THEN 'RECEIVED' ELSE 'SENT' END)::"MessageStatus", sent, sent
FROM message;

DO $$ BEGIN EXECUTE (SELECT definition FROM original); END $$;
DROP FUNCTION bench_vector;

-- Answers have an ETag only where the outbox has an event.
INSERT INTO "DomainEvent" ("workspaceId", "id", "type", "entityId", "data")
SELECT workspace, 'evt_' || lpad(n::text, 24, '0'), 'workspace.created', workspace, '{}' FROM share;

RESET session_replication_role;
-- What triggers would have kept.
INSERT INTO "ConversationCounter" ("workspaceId", "last")
SELECT "workspaceId", max("number") FROM "Conversation" GROUP BY "workspaceId";
SELECT count("deskgraph_mend_cohorts"("id")) FROM "Workspace";
DISCARD TEMP;
