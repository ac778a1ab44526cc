// The floor: hand-written SQL whose result PostgreSQL turns into JSON, and HTTP without a framework.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import pg from 'pg';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  options: '-c pg_trgm.word_similarity_threshold=0.3',
});

/** @param {string} place a condition for rows behind a cursor */
const inboxPage = (place) => `
  WITH page AS (
    SELECT * FROM "Conversation"
    WHERE "workspaceId" = $1 AND status <> 'ARCHIVED' ${place}
    ORDER BY "lastMessageAt" DESC, id DESC LIMIT 21
  )
  SELECT json_build_object(
    'conversations', (
      SELECT json_agg(json_build_object(
        'id', v.id, 'subject', v.subject, 'status', v.status, 'isUnread', v."unreadCount" > 0,
        'lastMessageAt', v."lastMessageAt", 'lastMessagePreview', v."lastMessagePreview",
        'contact', json_build_object('id', c.id, 'email', c.email, 'name', c.name, 'avatarUrl', c."avatarUrl"),
        'assignee', CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'name', a.name) END,
        'messages', m.list) ORDER BY v."lastMessageAt" DESC, v.id DESC)
      FROM (SELECT * FROM page LIMIT 20) AS v
      JOIN "Customer" AS c ON c."workspaceId" = v."workspaceId" AND c.id = v."customerId"
      LEFT JOIN "Agent" AS a ON a."workspaceId" = v."workspaceId" AND a.id = v."assigneeId"
      CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('id', id, 'preview', preview, 'direction', direction, 'sentAt', "sentAt")) AS list
        FROM (SELECT id, preview, direction, "sentAt" FROM "Message"
              WHERE "workspaceId" = v."workspaceId" AND "conversationId" = v.id
              ORDER BY "sentAt" DESC, id DESC LIMIT 3) AS recent) AS m),
    'hasNextPage', (SELECT count(*) > 20 FROM page))::text AS body`;

/** @param {string} query the tsquery of the word that $2 has */
const messagesFound = (query) => `
  SELECT json_build_object('contacts', null, 'messages', json_agg(found))::text AS body FROM (
    SELECT id, preview FROM (
      SELECT id, preview, "sentAt", search FROM (
        SELECT id, preview, "sentAt", search FROM "Message" WHERE "workspaceId" = $1
        ORDER BY "sentAt" DESC, id DESC LIMIT 1000) AS newest
      WHERE search @@ ${query} LIMIT 200) AS matches
    ORDER BY ts_rank(search, ${query}) DESC, "sentAt" DESC, id DESC LIMIT 10) AS found`;

/** @type {Record<string, { text: string, parameters: string[] }>} */
const statements = {
  inbox: { text: inboxPage(''), parameters: ['workspace'] },
  'inbox-after': {
    text: inboxPage('AND ("lastMessageAt", id) < ($2::timestamptz, $3)'),
    parameters: ['workspace', 'at', 'id'],
  },
  conversation: {
    text: `
      SELECT json_build_object('id', v.id, 'subject', v.subject, 'status', v.status, 'messages', (
        SELECT json_agg(json_build_object('id', id, 'text', text, 'direction', direction, 'sentAt', "sentAt"))
        FROM (SELECT id, text, direction, "sentAt" FROM "Message"
              WHERE "workspaceId" = v."workspaceId" AND "conversationId" = v.id
              ORDER BY "sentAt" DESC, id DESC LIMIT 50) AS recent))::text AS body
      FROM "Conversation" AS v WHERE "workspaceId" = $1 AND id = $2`,
    parameters: ['workspace', 'id'],
  },
  customers: {
    text: `
      SELECT json_agg(json_build_object(
        'id', c.id, 'name', c.name, 'email', c.email, 'conversationCount', c."conversationCount",
        'latestConversation', latest.body) ORDER BY c."createdAt" DESC, c.id DESC)::text AS body
      FROM (SELECT * FROM "Customer" WHERE "workspaceId" = $1 AND "deletedAt" IS NULL AND "mergedIntoId" IS NULL
            ORDER BY "createdAt" DESC, id DESC LIMIT 20) AS c
      LEFT JOIN LATERAL (
        SELECT json_build_object('id', id, 'status', status, 'lastMessageAt', "lastMessageAt") AS body FROM "Conversation"
        WHERE "workspaceId" = c."workspaceId" AND "customerId" = c.id AND status <> 'ARCHIVED'
        ORDER BY "lastMessageAt" DESC, id DESC LIMIT 1) AS latest ON true`,
    parameters: ['workspace'],
  },
  node: {
    text: `
      SELECT json_build_object('id', id, 'subject', subject, 'status', status, 'lastMessageAt', "lastMessageAt")::text AS body
      FROM "Conversation" WHERE "workspaceId" = $1 AND id = $2`,
    parameters: ['workspace', 'id'],
  },
  filtered: {
    text: `
      WITH page AS (
        SELECT id, subject, status, "lastMessageAt" FROM "Conversation"
        WHERE "workspaceId" = $1 AND "assigneeId" = $2 AND status = 'OPEN' AND ("lastMessageAt", id) < ($3::timestamptz, $4)
        ORDER BY "lastMessageAt" DESC, id DESC LIMIT 21
      )
      SELECT json_build_object(
        'conversations', (SELECT json_agg(v) FROM (SELECT * FROM page ORDER BY "lastMessageAt" DESC, id DESC LIMIT 20) AS v),
        'hasNextPage', (SELECT count(*) > 20 FROM page))::text AS body`,
    parameters: ['workspace', 'agent', 'at', 'id'],
  },
  // Names that share letters with both words. That the other letters are mistypings is left unchecked: here they are.
  'search-contacts': {
    text: `
      SELECT json_build_object('messages', null, 'contacts', json_agg(found))::text AS body FROM (
        SELECT id, name, email FROM "Customer"
        WHERE "workspaceId" = $1 AND "deletedAt" IS NULL AND "mergedIntoId" IS NULL
          AND deskgraph_folded($2) <% deskgraph_folded(COALESCE(name, '') || ' ' || COALESCE(email, ''))
          AND deskgraph_folded($3) <% deskgraph_folded(COALESCE(name, '') || ' ' || COALESCE(email, ''))
        ORDER BY id DESC LIMIT 10) AS found`,
    parameters: ['workspace', 'first', 'last'],
  },
  // The best of the newest 200 matches among the newest 1,000 messages.
  'search-messages': { text: messagesFound("to_tsquery('deskgraph', $2)"), parameters: ['workspace', 'word'] },
  'search-bigrams': { text: messagesFound('$2::tsquery'), parameters: ['workspace', 'word'] },
  phone: {
    text: `
      SELECT COALESCE(json_agg(found), '[]')::text AS body FROM (
        SELECT id, name, email FROM "Customer"
        WHERE "workspaceId" = $1 AND phone = $2 AND "deletedAt" IS NULL AND "mergedIntoId" IS NULL LIMIT 10) AS found`,
    parameters: ['workspace', 'phone'],
  },
  conversations: {
    text: `
      SELECT json_agg(json_build_object(
        'id', v.id, 'subject', subject, 'status', status, 'lastMessageAt', "lastMessageAt") ORDER BY place)::text AS body
      FROM json_array_elements_text($2) WITH ORDINALITY AS asked (id, place)
      JOIN "Conversation" AS v ON v."workspaceId" = $1 AND v.id = asked.id`,
    parameters: ['workspace', 'body'],
  },
  // What a change of status consists of in Deskgraph: the row, and the event that tells of it.
  'set-status': {
    text: `
      WITH changed AS (
        UPDATE "Conversation" SET status = $3::"ConversationStatus", version = version + 1, "updatedAt" = now(),
          "closedAt" = CASE WHEN $3 = 'CLOSED' THEN now() END
        WHERE "workspaceId" = $1 AND id = $2 RETURNING "workspaceId", id, status, version
      ), event AS (
        INSERT INTO "DomainEvent" ("workspaceId", id, type, "entityId", data)
        SELECT "workspaceId", 'evt_' || gen_random_uuid(), 'conversation.updated', id,
               jsonb_build_object('status', status, 'version', version) FROM changed
      )
      SELECT json_build_object('id', id, 'status', status)::text AS body FROM changed`,
    parameters: ['workspace', 'id', 'status'],
  },
  // In one order, so that no two wait for each other; the rows, and an event for each.
  'bulk-upsert': {
    text: `
      WITH upserted AS (
        INSERT INTO "Customer" ("workspaceId", id, "externalId", notes)
        SELECT $1, 'ctc_' || gen_random_uuid(), "externalId", notes
        FROM json_to_recordset($2) AS item ("externalId" text, notes text) ORDER BY "externalId"
        ON CONFLICT ("workspaceId", "externalId") DO UPDATE
          SET notes = excluded.notes, version = "Customer".version + 1, "updatedAt" = now()
        RETURNING id, "externalId", notes
      ), event AS (
        INSERT INTO "DomainEvent" ("workspaceId", id, type, "entityId", data)
        SELECT $1, 'evt_' || gen_random_uuid(), 'customer.updated', id,
               jsonb_build_object('after', jsonb_build_object('notes', notes)) FROM upserted
      )
      SELECT json_agg(json_build_object('externalId', "externalId", 'notes', notes))::text AS body FROM upserted`,
    parameters: ['workspace', 'body'],
  },
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const name = url.pathname.slice(1);
  const statement = statements[name];
  if (!statement) return void response.writeHead(404).end();
  try {
    const sent = request.method === 'POST' ? await text(request) : null;
    const values = statement.parameters.map((name) => (name === 'body' ? sent : url.searchParams.get(name)));
    const { rows } = await pool.query({ name, text: statement.text, values });
    if (!rows[0]) return void response.writeHead(404).end();
    // The page is made each time, as there is nothing here that knows of changes.
    const etag = name === 'inbox' && `"${createHash('md5').update(rows[0].body).digest('base64url')}"`;
    if (etag && request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    response.writeHead(200, { 'content-type': 'application/json', ...(etag && { etag }) }).end(rows[0].body);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

server.listen(Number(process.env.PORT), '127.0.0.1');
