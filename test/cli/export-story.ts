import type { TestApp } from '../kit/app.js';
import { fillDesk, type Story, tellStory } from '../kit/story.js';
import { query } from './run.js';

/** More messages than a line of an export holds. */
export const longOne = 2_345;

/** A workspace in which everything that an export can hold has happened. */
export async function tellEverything(testApp: TestApp): Promise<Story> {
  const story = await tellStory(testApp);
  const { services, database } = testApp;
  const { desk, jane, omar, ada, carl, mailbox, billing, question } = story;
  const { operator, workspaceId } = desk;
  await fillDesk(testApp, desk, { customers: 12, conversationsEach: 3, messagesEach: 4 });

  const note = { conversationId: billing.id, text: 'A note', isInternal: true, agentId: ada.id };
  const { message: written } = await services.messages.add(operator, note);
  await services.messages.editNote(operator, { id: written.id, text: 'Another note' });
  await services.messages.add(operator, {
    conversationId: billing.id,
    text: 'Because of you.',
    html: '<p onclick="run()">Because of you.</p>',
    externalId: 'mail_1',
    agentId: ada.id,
    attachments: ['b', 'a', 'c'].map((name) => ({ url: `https://x.test/${name}`, fileName: name, sizeBytes: 12 })),
  });
  await services.conversations.assign(operator, { id: billing.id, assigneeId: ada.id });
  await services.conversations.setStatus(operator, { id: billing.id, status: 'CLOSED' });
  await services.agents.update(operator, { id: ada.id, name: 'Ada L.', avatarUrl: 'https://x.test/ada.png' });
  await services.channels.update(operator, {
    id: mailbox.id,
    address: 'hello@desk.test',
    otherAddresses: ['help@desk.test', 'hi@desk.test'],
  });
  await services.conversations.snooze(operator, { id: 'thd_0001_0001', until: new Date('2999-01-01T09:00:00Z') });

  // Nobody is known to have written this, and it takes place nowhere.
  const { conversation } = await services.conversations.start(operator, {
    priority: 'HIGH',
    notes: 'Wants a "call",\nsoon.',
    metadata: { source: 'web-form', seats: [1, { more: null }] },
    tags: ['vip', 'Zürich'],
    contactId: omar.id,
    text: 'Hello "you"\n😀',
    externalId: 'thread_1',
  });
  await services.conversations.setStatus(operator, { id: conversation.id, status: 'ARCHIVED' });
  await database.prisma.message.update({
    where: { workspaceId_id: { workspaceId, id: question.id } },
    data: { status: 'RECEIVED', createdAt: new Date('2026-01-01T00:00:00.123Z') },
  });
  const mail = { workspaceId, conversationId: billing.id, direction: 'OUTBOUND' as const, preview: '' };
  await database.prisma.message.createMany({
    data: [
      {
        ...mail,
        id: 'msg_mail_1',
        text: '',
        status: 'SENT',
        emailMessageId: '1@x.test',
        deliveredAt: new Date(0),
        emailDigest: 'digest',
        relayMessageId: 'relay',
        isAutomatic: true,
        isTruncated: true,
        spf: 'SOFTFAIL',
        dkim: 'PASS',
        dmarc: 'FAIL',
        participants: {
          from: { name: 'A', address: 'a@x.test' },
          to: [{ name: null, address: 'b@x.test' }],
          cc: [{ name: null, address: 'c@x.test' }],
          bcc: [{ name: null, address: 'd@x.test' }],
          replyTo: [{ name: null, address: 'e@x.test' }],
        },
      },
      {
        ...mail,
        id: 'msg_mail_2',
        text: 'Refused',
        preview: 'Refused',
        status: 'FAILED',
        emailMessageId: '2@x.test',
        sendAttempts: 3,
        failureCode: '550',
        failureReason: '550 No such user here',
        failureIsPermanent: true,
        failureRecipient: 'gone@x.test',
      },
    ],
  });
  await database.prisma.messageAttachment.create({
    data: { workspaceId, id: 'att_mail_1', messageId: 'msg_mail_1', url: null, fileName: 'bill.pdf' },
  });
  await database.prisma.message.createMany({
    data: Array.from({ length: longOne }, (_, place) => ({
      workspaceId,
      id: `msg_long_${String(place).padStart(5, '0')}`,
      conversationId: 'thd_0003_0001',
      direction: 'OUTBOUND' as const,
      agentId: place % 2 === 0 ? carl.id : null,
      text: `Long ${place}`,
      preview: `Long ${place}`,
      status: place % 3 === 0 ? ('FAILED' as const) : ('SENT' as const),
      sentAt: new Date(Date.UTC(2026, 3, 1, 0, 0, Math.floor(place / 3))),
    })),
  });
  const shown = {
    phone: '+49 30 901820',
    avatarUrl: 'https://x.test/j.png',
    sentiment: 'HAPPY' as const,
    status: 'SUSPENDED' as const,
  };
  await services.customers.upsert(operator, { id: jane.id, notes: 'Prefers calls', ...shown });
  await database.prisma.customer.createMany({
    data: [
      { workspaceId, id: 'ctc_nameless', archivedAt: new Date('2026-02-01T00:00:00Z'), source: 'CHAT' },
      { workspaceId, id: 'ctc_gone', email: 'gone@x.test', deletedAt: new Date() },
    ],
  });
  const chat = { workspaceId, channelId: 'chn_2' };
  await database.prisma.channel.updateMany({ where: { workspaceId, id: chat.channelId }, data: { kind: 'CHAT' } });
  await database.prisma.conversation.updateMany({ where: chat, data: { source: 'CHAT' } });
  await keepUp(workspaceId);
  // The first was merged into one that was merged in turn, and the survivor has a larger id than both.
  await services.customers.merge(operator, { sourceId: 'ctc_0000', targetId: 'ctc_0001' });
  await services.customers.merge(operator, { sourceId: 'ctc_0001', targetId: 'ctc_0011' });
  await services.customers.merge(operator, { sourceId: 'ctc_0002', targetId: 'ctc_nameless' });
  return story;
}

/** What the rows above say of their conversations and customers, as writing them one by one would. */
async function keepUp(workspaceId: string): Promise<void> {
  await query(
    `update "Conversation" as c set "lastMessageAt" = m."sentAt", "lastMessagePreview" = m."preview",
        "firstInboundAt" = (select min(i."sentAt") from "Message" as i
          where i."workspaceId" = $1 and i."conversationId" = c."id" and i."direction" = 'INBOUND'),
        "firstResponseAt" = (select min(o."sentAt") from "Message" as o join "Message" as i
          on i."workspaceId" = $1 and i."conversationId" = c."id" and i."direction" = 'INBOUND'
            and (i."sentAt", i."id") < (o."sentAt", o."id")
          where o."workspaceId" = $1 and o."conversationId" = c."id" and o."direction" = 'OUTBOUND' and not o."internal")
      from (select distinct on ("conversationId") * from "Message" where "workspaceId" = $1 and not "internal"
        order by "conversationId", "sentAt" desc, "id" desc) as m
      where c."workspaceId" = $1 and m."conversationId" = c."id"`,
    workspaceId,
  );
  await query(
    `update "Customer" as k set "lastMessageAt" = c."lastMessageAt", "lastMessagePreview" = c."lastMessagePreview",
        "conversationCount" = (select count(*) from "Conversation" as a where a."workspaceId" = $1 and a."customerId" = k."id")
      from (select distinct on ("customerId") * from "Conversation" where "workspaceId" = $1
        order by "customerId", "lastMessageAt" desc, "id" desc) as c
      where k."workspaceId" = $1 and c."customerId" = k."id"`,
    workspaceId,
  );
  await query(
    `update "Customer" set "lastMessageAt" = null, "lastMessagePreview" = null
      where "workspaceId" = $1 and "conversationCount" = 0`,
    workspaceId,
  );
}
