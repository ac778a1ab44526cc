import { authentication } from '../../auth/authentication.js';
import { operatorOf } from '../../auth/caller.js';
import type { Database } from '../../db/database.js';
import { createAgent } from '../agent/agent.service.js';
import { apiKeyService } from '../api-key/api-key.service.js';
import { channelService } from '../channel/channel.service.js';
import { conversationService } from '../conversation/conversation.service.js';
import { messageService } from '../conversation/message/message.service.js';
import { customerService } from '../customer/customer.service.js';
import { workspaceService } from '../workspace/workspace.service.js';
import { seedRevenue } from './demo.revenue.js';

export interface DemoKeys {
  workspaceId: string;
  keys: { label: string; key: string }[];
}

const workspaceId = 'wrk_demo';

const customers = [
  { name: 'Jane Doe', email: 'jane@example.com', externalId: 'usr_01J8X3Y', tags: ['vip', 'enterprise'] },
  { name: 'Omar Haddad', email: 'omar@example.com', externalId: 'usr_01J8X40', tags: ['trial'] },
  { name: 'Priya Raman', email: 'priya@example.com', externalId: 'usr_01J8X41', tags: ['enterprise'] },
  { name: 'Tomás Vega', email: 'tomas@example.com', externalId: 'usr_01J8X42', tags: [] },
  { name: 'Lena Vogt', email: 'lena@example.com', externalId: 'usr_01J8X43', tags: ['beta'] },
] as const;

/** The conversations. The messages are alternately from the contact, who begins, and from the team. */
const threads = [
  {
    contact: 'jane@example.com',
    subject: 'Billing question',
    messages: [
      'Hi, I have a question about my invoice from March: we were charged for twelve seats, but we have ten.',
      'Hi Jane, thanks for telling us. Two seats were removed on the 14th; I will refund the difference today.',
      'Thanks for your help! Could you send the corrected invoice too?',
    ],
  },
  {
    contact: 'omar@example.com',
    subject: 'How do I invite my team?',
    messages: ['I started the trial this morning and cannot find where to invite my colleagues.'],
  },
  {
    contact: 'priya@example.com',
    subject: 'Single sign-on fails',
    messages: [
      'Since the update our sign-on ends with "audience mismatch". Nobody can log in.',
      'Hi Priya, we see it. Please set the audience to your workspace address; we are adding a check for it.',
    ],
  },
  {
    contact: 'tomas@example.com',
    subject: 'Export of all conversations',
    messages: [
      'Is there a way to export everything as a file?',
      'Yes: the command line has an export, and the graph pages through everything as well.',
      'Perfect, that is all I need.',
    ],
    closed: true,
  },
  {
    contact: 'lena@example.com',
    subject: 'Dark mode',
    messages: ['Just wanted to say that the new dark mode is lovely.'],
  },
];

/**
 * Fills an empty database with a demo workspace: a team, customers, their purchases in the months before `now`,
 * conversations, and two API keys, which are returned only here. Null if the database already has a workspace.
 */
export async function seedDemo(db: Database, now = new Date()): Promise<DemoKeys | null> {
  if ((await db.prisma.workspace.count()) > 0) return null;
  const caller = operatorOf(workspaceId);
  await workspaceService(db).create({
    id: workspaceId,
    name: 'Acme Support',
    timezone: 'Europe/Berlin',
    currency: 'EUR',
    entitlements: ['REVENUE_TRACKING'],
  });
  const ada = await createAgent(db, caller, { name: 'Ada Moreno', email: 'ada@acme.example' });
  const ben = await createAgent(db, caller, { name: 'Ben Okafor', email: 'ben@acme.example' });
  const mailbox = { kind: 'EMAIL', name: 'Support', address: 'support@acme.example' } as const;
  const channel = await channelService(db).ensure(caller, mailbox);
  for (const customer of customers) await customerService(db).upsert(caller, { ...customer, tags: [...customer.tags] });
  await seedRevenue(db, caller, now);

  const conversations = conversationService(db);
  for (const [index, thread] of threads.entries()) {
    const [first = '', ...rest] = thread.messages;
    const { conversation } = await conversations.start(caller, {
      email: thread.contact,
      subject: thread.subject,
      text: first,
      direction: 'INBOUND',
      channelId: channel.id,
      assigneeId: index === 1 ? null : [ada, ben][index % 2]?.id,
    });
    for (const [turn, text] of rest.entries()) {
      const direction = turn % 2 === 0 ? 'OUTBOUND' : 'INBOUND';
      const agentId = direction === 'OUTBOUND' ? conversation.assigneeId : null;
      await messageService(db).add(caller, { conversationId: conversation.id, direction, text, agentId });
    }
    if (thread.closed) await conversations.setStatus(caller, { id: conversation.id, status: 'CLOSED' });
  }

  const keys = apiKeyService(db, authentication(db));
  const integration = await keys.create({ workspaceId, kind: 'API_USER', name: 'Demo integration' });
  const agent = await keys.create({ workspaceId, kind: 'USER', agentId: ada.id, name: 'Demo agent' });
  return {
    workspaceId,
    keys: [
      { label: 'demo key of an integration', key: integration.key },
      { label: 'demo key of the agent Ada Moreno', key: agent.key },
    ],
  };
}
