import { describe, expect, test } from 'vitest';
import { conversationOfIntercom } from '../../../src/cli/import/vendors/intercom.js';
import { conversationOfZendesk } from '../../../src/cli/import/vendors/zendesk.js';
import { newWorkspace, query, run } from '../run.js';

/** Exports of other help desks, made up in the documented forms. */

const jane = { id: 20978392, name: 'Jane Doe', email: 'jane@example.com', external_id: 'usr_jane', role: 'end-user' };
const ada = { id: 235323, name: 'Ada Park', email: 'ada@acme.example', external_id: null, role: 'agent' };
const ticket = {
  url: 'https://acme.zendesk.example/api/v2/tickets/35436.json',
  id: 35436,
  external_id: null,
  via: { channel: 'email', source: { from: { address: 'jane@example.com' }, to: {}, rel: null } },
  created_at: '2024-05-01T09:30:00Z',
  updated_at: '2024-05-02T10:00:00Z',
  subject: 'Two seats too many',
  description: 'We have ten seats.',
  priority: 'high',
  status: 'solved',
  requester: jane,
  submitter: jane,
  assignee: ada,
  group: { id: 98738, name: 'Billing' },
  tags: ['invoice', 'seats', 'invoice'],
  custom_fields: [{ id: 27642, value: '745' }],
  satisfaction_rating: { score: 'good' },
  comments: [
    {
      id: 1,
      type: 'Comment',
      author_id: jane.id,
      body: 'We have ten seats.',
      plain_body: 'We have ten seats.',
      html_body: '<p>We have <b>ten</b> seats.</p>',
      public: true,
      created_at: '2024-05-01T09:30:00Z',
      attachments: [
        {
          id: 498483,
          file_name: 'invoice.pdf',
          content_url: 'https://acme.zendesk.example/attachments/invoice.pdf',
          content_type: 'application/pdf',
          size: 2532,
          thumbnails: [],
        },
      ],
    },
    { id: 2, author_id: ada.id, body: 'A known problem?', public: false, created_at: '2024-05-01T10:00:00Z' },
    { id: 3, author_id: ada.id, body: 'Corrected.', public: true, created_at: '2024-05-02T10:00:00Z', attachments: [] },
    { id: 4, author_id: ada.id, body: ' ', public: true, created_at: '2024-05-02T10:01:00Z', attachments: [] },
  ],
};

const conversation = {
  type: 'conversation',
  id: '1122334455',
  created_at: 1714555800,
  updated_at: 1714644000,
  title: 'Export is empty',
  state: 'snoozed',
  open: true,
  read: true,
  snoozed_until: 1714700000,
  priority: 'priority',
  admin_assignee_id: 815,
  team_assignee_id: null,
  tags: { type: 'tag.list', tags: [{ type: 'tag', id: '1', name: 'bug' }] },
  contacts: { type: 'contact.list', contacts: [{ type: 'contact', id: '5ba682d2', external_id: 'usr_omar' }] },
  source: {
    type: 'email',
    id: '403918320',
    subject: '<p>Export</p>',
    body: '<p>The file is <b>empty</b>.</p><p>Why?</p>',
    author: { type: 'user', id: '5ba682d2', name: 'Omar Haddad', email: 'omar@example.com' },
    attachments: [],
  },
  teammates: { type: 'admin.list', admins: [{ type: 'admin', id: '815' }] },
  conversation_parts: {
    type: 'conversation_part.list',
    total_count: 4,
    conversation_parts: [
      {
        type: 'conversation_part',
        id: '11',
        part_type: 'assignment',
        body: null,
        created_at: 1714555900,
        author: { type: 'bot', id: '1', name: 'Operator', email: 'operator@intercom.example' },
      },
      {
        id: '12',
        part_type: 'note',
        body: '<p>See the log.</p>',
        created_at: 1714556000,
        author: { type: 'admin', id: '815', name: 'Ben Ruiz', email: 'ben@acme.example' },
      },
      {
        id: '13',
        part_type: 'comment',
        body: '<p>Fixed.</p>',
        created_at: 1714557000,
        author: { type: 'admin', id: '815', name: 'Ben Ruiz', email: 'ben@acme.example' },
        attachments: [
          {
            type: 'upload',
            name: 'log.txt',
            url: 'https://files.intercom.example/log.txt',
            content_type: 'text/plain',
            filesize: 307,
          },
        ],
      },
      {
        id: '14',
        part_type: 'comment',
        body: '<p>Is it solved?</p>',
        created_at: 1714558000,
        author: { type: 'bot', id: '1', name: 'Operator', email: 'operator@intercom.example' },
      },
    ],
  },
};

async function importAs(format: string, workspace: string, lines: readonly unknown[]) {
  const args = ['import', 'conversations', '-', '--format', format, '--workspace', workspace, '--json'];
  const input = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const { code, out, err } = await run(args, { input });
  return { code, err, summary: JSON.parse(out) as Record<string, unknown> };
}

const stored = (workspace: string) =>
  query(
    `select c."externalId", c."status", c."source", c."priority", c."subject", c."tags", c."number", ch."name" as channel,
      a."email" as assignee, p."externalId" as customer, p."email", p."name", c."closedAt", c."snoozedUntil",
      (select json_agg(json_build_array(m."direction", m."internal", m."authorName", g."email", m."text", m."isAutomatic")
          order by m."sentAt", m."id") from "Message" as m
        left join "Agent" as g on g."workspaceId" = m."workspaceId" and g."id" = m."agentId"
        where m."workspaceId" = c."workspaceId" and m."conversationId" = c."id") as said,
      (select json_agg(json_build_array(f."fileName", f."contentType", f."sizeBytes", f."url")) from "Message" as m
        join "MessageAttachment" as f on f."workspaceId" = m."workspaceId" and f."messageId" = m."id"
        where m."workspaceId" = c."workspaceId" and m."conversationId" = c."id") as files
    from "Conversation" as c
    join "Customer" as p on p."workspaceId" = c."workspaceId" and p."id" = c."customerId"
    left join "Channel" as ch on ch."workspaceId" = c."workspaceId" and ch."id" = c."channelId"
    left join "Agent" as a on a."workspaceId" = c."workspaceId" and a."id" = c."assigneeId"
    where c."workspaceId" = $1`,
    workspace,
  );

describe('a ticket of Zendesk', () => {
  test('becomes a conversation with its people, notes, tags and files, once', async () => {
    const workspace = await newWorkspace();
    const first = await importAs('zendesk', workspace, [ticket]);
    expect(first).toMatchObject({ code: 0, summary: { conversationsCreated: 1, messagesCreated: 3, failed: 0 } });
    expect(await stored(workspace)).toEqual([
      {
        externalId: 'zendesk:35436',
        status: 'CLOSED',
        source: 'EMAIL',
        priority: 'HIGH',
        subject: 'Two seats too many',
        tags: ['invoice', 'seats'],
        number: 35436,
        channel: 'Billing',
        assignee: 'ada@acme.example',
        customer: 'usr_jane',
        email: 'jane@example.com',
        name: 'Jane Doe',
        closedAt: new Date('2024-05-02T10:00:00Z'),
        snoozedUntil: null,
        said: [
          ['INBOUND', false, 'Jane Doe', null, 'We have ten seats.', false],
          ['OUTBOUND', true, 'Ada Park', 'ada@acme.example', 'A known problem?', false],
          ['OUTBOUND', false, 'Ada Park', 'ada@acme.example', 'Corrected.', false],
        ],
        files: [['invoice.pdf', 'application/pdf', 2532, 'https://acme.zendesk.example/attachments/invoice.pdf']],
      },
    ]);
    expect(await importAs('zendesk', workspace, [ticket])).toMatchObject({ code: 0, summary: { unchanged: 1 } });
  });

  test('of the API has its people beside it, and begins with its description where comments are missing', () => {
    const { requester, assignee, submitter, comments, ...rest } = ticket;
    const users = [jane, { ...ada, role: 'admin' }];
    const ids = { requester_id: jane.id, assignee_id: ada.id, submitter_id: jane.id };
    expect(conversationOfZendesk({ ...rest, ...ids, users, comments })).toEqual(conversationOfZendesk(ticket));
    expect(conversationOfZendesk({ ...rest, ...ids }).messages).toMatchObject([
      { externalId: 'zendesk:35436:description', direction: 'INBOUND', text: 'We have ten seats.' },
    ]);
    expect(conversationOfZendesk({ ...rest, ...ids }).customer).toEqual({
      externalId: `zendesk:user:${jane.id}`,
      email: null,
      name: null,
    });
  });

  test.each([
    ['new', 'OPEN'],
    ['open', 'OPEN'],
    ['pending', 'OPEN'],
    ['hold', 'OPEN'],
    ['closed', 'CLOSED'],
  ])('that is %s becomes %s', (status, expected) => {
    expect(conversationOfZendesk({ ...ticket, status }).status).toBe(expected);
  });

  test.each([
    ['email', 'EMAIL'],
    ['web', 'FORM'],
    ['chat', 'CHAT'],
    ['native_messaging', 'CHAT'],
    ['api', 'API'],
  ])('by %s comes from %s', (channel, expected) => {
    expect(conversationOfZendesk({ ...ticket, via: { channel } }).source).toBe(expected);
  });

  test('with long texts is cut and says so', () => {
    const comments = [
      { ...ticket.comments[0], plain_body: `${'a'.repeat(99_999)}\u{1F600}`, html_body: 'b'.repeat(400_001) },
    ];
    expect(conversationOfZendesk({ ...ticket, comments }).messages).toMatchObject([
      { text: 'a'.repeat(99_999), html: null, isTruncated: true },
    ]);
  });
});

describe('a conversation of Intercom', () => {
  test('becomes one with its people, notes, tags and files, once', async () => {
    const workspace = await newWorkspace();
    const first = await importAs('intercom', workspace, [conversation]);
    expect(first).toMatchObject({ code: 0, summary: { conversationsCreated: 1, messagesCreated: 4, failed: 0 } });
    expect(await stored(workspace)).toEqual([
      {
        externalId: 'intercom:1122334455',
        status: 'OPEN',
        source: 'EMAIL',
        priority: 'HIGH',
        subject: 'Export is empty',
        tags: ['bug'],
        number: 1,
        channel: 'Intercom',
        assignee: 'ben@acme.example',
        customer: 'usr_omar',
        email: 'omar@example.com',
        name: 'Omar Haddad',
        closedAt: null,
        snoozedUntil: new Date(1714700000_000),
        said: [
          ['INBOUND', false, 'Omar Haddad', null, 'The file is empty.\n\nWhy?', false],
          ['OUTBOUND', true, 'Ben Ruiz', 'ben@acme.example', 'See the log.', false],
          ['OUTBOUND', false, 'Ben Ruiz', 'ben@acme.example', 'Fixed.', false],
          ['OUTBOUND', false, 'Operator', null, 'Is it solved?', true],
        ],
        files: [['log.txt', 'text/plain', 307, 'https://files.intercom.example/log.txt']],
      },
    ]);
    expect(await importAs('intercom', workspace, [conversation])).toMatchObject({ summary: { unchanged: 1 } });
  });

  test('that is closed says when, and is of whoever wrote where it lists no contacts', () => {
    const { contacts: _, ...rest } = conversation;
    const statistics = { type: 'conversation_statistics', last_close_at: 1714600000 };
    expect(conversationOfIntercom({ ...rest, state: 'closed', open: false, statistics })).toMatchObject({
      status: 'CLOSED',
      closedAt: '2024-05-01T21:46:40.000Z',
      customer: { externalId: null, email: 'omar@example.com', name: 'Omar Haddad' },
    });
  });
});

describe('a line of another form', () => {
  test.each([
    ['zendesk', { ...ticket, status: 'deleted' }, 'status: Must be one of new,'],
    [
      'zendesk',
      { ...ticket, comments: [{ ...ticket.comments[0], created_at: 'yesterday' }] },
      'comments[0].created_at: Must be a time',
    ],
    ['zendesk', { ...ticket, comments: [{ ...ticket.comments[0], id: null }] }, 'comments[0].id: Must be an id'],
    ['zendesk', { ...ticket, requester: undefined, requester_id: undefined }, 'requester: '],
    ['zendesk', conversation, 'status: '],
    ['intercom', ticket, 'type: Must be "conversation".'],
    ['intercom', { ...conversation, created_at: '2024-05-01' }, 'created_at: Must be a time in seconds'],
    ['intercom', { ...conversation, state: 'gone' }, 'state: Must be one of open,'],
  ])('of %s is named by its line and field, and the others are imported', async (format, bad, message) => {
    const workspace = await newWorkspace();
    const good = format === 'zendesk' ? ticket : conversation;
    const { code, err, summary } = await importAs(format, workspace, [good, bad]);
    expect({ code, summary }).toMatchObject({ code: 1, summary: { conversationsCreated: 1, failed: 1 } });
    expect(err).toContain(`line 2: ${message}`);
  });

  test('that is none of a known format is refused before anything is read', async () => {
    const { code } = await run(['import', 'conversations', '-', '--format', 'other', '--workspace', 'wrk_x'], {
      input: '',
    });
    expect(code).toBe(2);
  });
});
