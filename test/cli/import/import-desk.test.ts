import { expect, test } from 'vitest';
import { newWorkspace, query, runJson } from '../run.js';
import { conversation, importLines, importText } from './import.js';

/** A line with more than other systems know. */
const line = (externalId: string, more: object, message: object = {}): string => {
  const messages = [{ direction: 'INBOUND', text: 'Hi', sentAt: '2020-01-01T00:00:00Z', ...message }];
  return JSON.stringify({ ...(JSON.parse(conversation(externalId, { messages })) as object), ...more });
};

const state = `select "status", "snoozedUntil", "assigneeId", "version" from "Conversation" where "workspaceId" = $1`;

const told = async (workspace: string, type: string) =>
  query(`select "data" from "DomainEvent" where "workspaceId" = $1 and "type" = '${type}' order by "seq"`, workspace);

test('a conversation stays snoozed until the customer writes again', async () => {
  const workspace = await newWorkspace();
  const snoozedUntil = '2999-01-01T09:00:00.000Z';
  const said = (...all: object[]) =>
    line('c1', {
      snoozedUntil,
      messages: all.map((message) => ({ direction: 'INBOUND', text: 'Hi', ...message })),
    });
  const first = { sentAt: '2020-01-02T00:00:00Z' };
  const answer = { sentAt: '2020-01-04T00:00:00Z', direction: 'OUTBOUND' };
  await importText(workspace, said(first));
  const older = { sentAt: '2020-01-01T00:00:00Z' };
  for (const all of [[first], [first, older], [first, older, answer]]) {
    await importText(workspace, said(...all));
    expect(await query(state, workspace)).toMatchObject([{ snoozedUntil: new Date(snoozedUntil) }]);
  }
  expect(await told(workspace, 'conversation.unsnoozed')).toEqual([]);

  await importText(workspace, said(first, older, answer, { sentAt: '2020-01-05T00:00:00Z' }));
  expect(await query(state, workspace)).toMatchObject([{ snoozedUntil: null, version: 4 }]);
  expect(await told(workspace, 'conversation.unsnoozed')).toEqual([
    { data: { before: { snoozedUntil }, after: { snoozedUntil: null } } },
  ]);
});

test('an open conversation of an agent who has left is nobody’s, a closed one keeps the agent', async () => {
  const workspace = await newWorkspace();
  const agents = [{ id: 'agt_carl', email: 'carl@desk.test', name: 'Carl', deactivatedAt: '2020-01-01T00:00:00Z' }];
  const assigned = { agents, assignee: 'CARL@desk.test' };
  const { summary } = await importLines(
    workspace,
    [line('c1', assigned), line('c2', { ...assigned, status: 'CLOSED' })].join('\n'),
  );
  expect(summary).toMatchObject({ conversationsCreated: 2, failed: 0 });
  expect(await query(`${state} order by "id"`, workspace)).toMatchObject([
    { status: 'OPEN', assigneeId: null },
    { status: 'CLOSED', assigneeId: 'agt_carl' },
  ]);
  expect(await told(workspace, 'conversation.created')).toMatchObject([
    { data: { after: { assigneeId: null } } },
    { data: { after: { assigneeId: 'agt_carl' } } },
  ]);
});

test('a known agent or channel stays as it is', async () => {
  const workspace = await newWorkspace();
  const create = ['agents', 'create', '--workspace', workspace, '--name', 'Ada', '--email', 'ada@desk.test'];
  await runJson([...create, '--id', 'agt_ada']);
  const agents = [{ id: 'agt_other', email: 'Ada@desk.test', name: 'Ada L.', version: 7 }];
  const channel = { id: 'chn_1', kind: 'CHAT', name: 'Desk', version: 3, updatedAt: '2020-01-02T00:00:00Z' };
  await importText(workspace, line('c1', { agents, channel, assignee: 'ada@desk.test' }));
  await importText(workspace, line('c2', { channel: { ...channel, id: 'chn_2', version: 9 } }));
  const known = `select (select json_agg(json_build_object('id', "id", 'name', "name", 'version', "version"))
      from "Agent" where "workspaceId" = $1) as agents,
    (select json_agg(json_build_object('id', "id", 'version', "version", 'updatedAt', "updatedAt"))
      from "Channel" where "workspaceId" = $1) as channels`;
  expect(await query(known, workspace)).toEqual([
    {
      agents: [{ id: 'agt_ada', name: 'Ada', version: 1 }],
      channels: [{ id: 'chn_1', version: 3, updatedAt: '2020-01-02T00:00:00+00:00' }],
    },
  ]);
});

test('attachments keep their order and their ids, which no other message may have', async () => {
  const workspace = await newWorkspace();
  const file = (name: string, id?: string) => ({ id, url: `https://x.test/${name}`, fileName: name });
  const attachments = [file('b'), { ...file('a'), contentType: 'Image/PNG', sizeBytes: 3 }];
  await importText(workspace, line('c1', {}, { attachments }));
  await importText(workspace, line('c1', {}, { attachments }));
  await importText(workspace, line('c2', {}, { attachments: [file('c', 'att_1')] }));
  const files = `select "fileName", "contentType", "sizeBytes" from "MessageAttachment"
    where "workspaceId" = $1 order by "messageId", "id"`;
  const kept = [
    { fileName: 'b', contentType: null, sizeBytes: null },
    { fileName: 'a', contentType: 'image/png', sizeBytes: 3 },
    { fileName: 'c', contentType: null, sizeBytes: null },
  ];
  expect(await query(files, workspace)).toEqual(kept);

  const refused = await importLines(workspace, line('c3', {}, { attachments: [file('d'), file('e', 'att_1')] }));
  expect(refused.err).toMatch(
    /^line 1: messages\[0\]\.attachments\[1\]\.id: Another message has this attachment: att_1\.\n/,
  );
  const many = Array.from({ length: 101 }, (_, place) => file(`${place}`));
  expect((await importLines(workspace, line('c4', {}, { attachments: many }))).err).toMatch(
    /^line 1: messages\[0\]\.attachments: A message has at most 100 attachments\.\n/,
  );
  const twice = [file('d', 'att_2'), file('e', 'att_2')];
  expect((await importLines(workspace, line('c5', {}, { attachments: twice }))).err).toMatch(
    /^line 1: messages\[0\]\.attachments\[1\]\.id: Another attachment of this conversation has this id\.\n/,
  );
  expect(await query(files, workspace)).toEqual(kept);
});

test('a conversation says nothing that could not have happened', async () => {
  const workspace = await newWorkspace();
  const bad: [line: string, reason: string][] = [
    [line('c1', { status: 'CLOSED', snoozedUntil: '2999-01-01T00:00:00Z' }), 'snoozedUntil: Only an open'],
    [line('c2', { snoozedUntil: '0000-01-01T00:00:00Z' }), 'snoozedUntil: Must lie behind 1970.'],
    [line('c3', { closedAt: '2020-01-01T00:00:00Z' }), 'closedAt: An open conversation has not been closed.'],
    [line('c4', {}, { editedAt: '2020-01-01T00:00:00Z' }), 'messages[0].editedAt: Only internal notes'],
    [line('c5', {}, { isInternal: true }), 'messages[0].isInternal: An inbound message'],
    [line('c6', {}, { status: 'SENT' }), 'messages[0].status: RECEIVED is the status of inbound'],
    [line('c7', { assignee: 'nobody@desk.test' }), 'assignee: No agent has this email: nobody@desk.test.'],
  ];
  const { err } = await importLines(workspace, bad.map(([text]) => text).join('\n'));
  const reports = err.trimEnd().split('\n');
  for (const [index, [, reason]] of bad.entries()) {
    expect(reports.find((report) => report.startsWith(`line ${index + 1}: `))).toContain(reason);
  }
  expect(await query(state, workspace)).toEqual([]);
});
