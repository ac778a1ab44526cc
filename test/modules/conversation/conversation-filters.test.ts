import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Case, d, fillFewRows, find } from '../../graphql/filters.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  await fillFewRows(testApp, desk);
});
afterAll(() => testApp.close());

const conversations: Case[] = [
  ['', 'closed open'],
  ['{ status: { in: [OPEN, CLOSED, ARCHIVED] } }', 'archived closed open'],
  ['{ status: { eq: ARCHIVED } }', 'archived'],
  ['{ not: { status: { eq: OPEN } } }', 'archived closed'],
  ['{ id: { in: ["thd_open", "thd_archived"] } }', 'open'],
  ['{ externalId: { eq: "x" } }', 'open'],
  ['{ source: { eq: CHAT } }', 'closed'],
  ['{ customerId: { eq: "ctc_bob" } }', 'closed'],
  ['{ assigneeId: { eq: "agt_ada" } }', 'open'],
  ['{ assigneeId: { isNull: true } }', 'closed'],
  ['{ not: { assigneeId: { eq: "agt_ada" } } }', 'closed'],
  ['{ channelId: { in: ["chn_mail"] } }', 'open'],
  ['{ isUnread: true }', 'open'],
  ['{ isUnread: false }', 'closed'],
  [`{ createdAt: { gt: ${d(1)} } }`, 'closed'],
  [`{ lastMessageAt: { lte: ${d(1)} } }`, 'open'],
  [`{ firstResponseAt: { eq: ${d(2)} } }`, 'closed'],
  ['{ closedAt: { isNull: false } }', 'closed'],
  [`{ updatedAt: { gt: ${d(7)} } }`, 'open'],
  ['{ unreadCount: { gte: 1 } }', 'open'],
  ['{ subject: { eq: "Lost key" } }', 'open'],
  ['{ subject: { isNull: true } }', 'closed'],
  ['{ query: "key" }', 'open'],
  ['{ not: { query: "key" } }', 'closed'],
  ['{ status: { in: [OPEN, CLOSED] } }', 'closed open'],
  ['{ status: { isNull: true } }', ''],
];

const messages: Case[] = [
  ['', 'failed in note'],
  ['{ direction: { eq: OUTBOUND } }', 'failed note'],
  ['{ status: { in: [FAILED, RECEIVED] } }', 'failed in'],
  ['{ isInternal: true }', 'note'],
  ['{ isInternal: false }', 'failed in'],
  ['{ agentId: { eq: "agt_ada" } }', 'note'],
  ['{ id: { in: ["msg_in", "msg_none"] } }', 'in'],
  ['{ externalId: { isNull: true } }', 'failed in note'],
  [`{ createdAt: { gt: ${d(1)} } }`, 'failed in note'],
  ['{ query: "X" }', 'failed in note'],
  ['{ query: "y" }', ''],
  ['{ not: { agentId: { eq: "agt_ada" } } }', 'failed in'],
  [`{ sentAt: { gt: ${d(1)}, lt: ${d(3)} } }`, 'note'],
];

describe('conversations', () => {
  test.each(conversations)('%s finds "%s"', async (filter, expected) => {
    expect(await find({ testApp, desk }, 'conversations', filter)).toBe(expected);
  });

  test.each<Case>([
    ['', 'open'],
    ['{ status: { eq: ARCHIVED } }', 'archived'],
    ['{ isUnread: false }', ''],
  ])('of a customer: %s finds "%s"', async (filter, expected) => {
    const wrap = (list: string) => `{ customer(id: "ctc_ann") { ${list} } }`;
    expect(await find({ testApp, desk }, 'conversations', filter, wrap, ['customer', 'conversations'])).toBe(expected);
  });
});

describe('messages', () => {
  test.each(messages)('%s finds "%s"', async (filter, expected) => {
    const wrap = (list: string) => `{ conversation(id: "thd_open") { ${list} } }`;
    expect(await find({ testApp, desk }, 'messages', filter, wrap, ['conversation', 'messages'])).toBe(expected);
  });
});
