import type { TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { mail } from '../kit/mail.js';
import type { Story } from '../kit/story.js';
import type { Input } from './mistakes.js';

/**
 * A call of each mutation that changes something in a desk of which only the story is told. A mutation that is missing
 * here fails `every-mutation.test.ts` by its name.
 */
export interface Example {
  input: (scene: Scene) => Input | Promise<Input>;
  /**
   * What comes of the same call when it is sent again without an idempotency key: nothing, since all is as asked; another
   * row; or a user error.
   */
  again: 'nothing' | 'another' | 'BAD_USER_INPUT' | 'NOT_FOUND' | 'CONFLICT';
}

export interface Scene extends Story {
  testApp: TestApp;
}

/** Does another mutation before, and answers what it selects. */
async function after({ testApp, desk }: Scene, name: string, input: Input, selection = 'userErrors { code }') {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
  const { data, errors } = await ask(testApp, desk, document, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as Record<string, Record<string, { databaseId: string }>>)[name];
}

/** One that any key may have told. */
const webhook = { url: 'https://hooks.example/', eventTypes: ['agent.*'] };

async function webhookEndpoint(scene: Scene): Promise<string | undefined> {
  const created = await after(scene, 'createWebhookEndpoint', webhook, 'endpoint { databaseId }');
  return created?.endpoint?.databaseId;
}

async function apiKey(scene: Scene): Promise<string | undefined> {
  const input = { kind: 'API_USER', scopes: ['apiKeys:write'] };
  return (await after(scene, 'createApiKey', input, 'apiKey { databaseId }'))?.apiKey?.databaseId;
}

const campaign = async (scene: Scene) =>
  (await after(scene, 'createCampaign', { name: 'Autumn' }, 'campaign { databaseId }'))?.campaign?.databaseId;
const link = async (scene: Scene) =>
  (await after(scene, 'createLink', { url: 'https://example.com/' }, 'link { databaseId }'))?.link?.databaseId;

const sale = { class: 'SALE', orderId: 'ord_1', amountMinor: 500 };
/** Names the order, so that the id of its conversion need not be known. */
async function sold(scene: Scene): Promise<Input> {
  await after(scene, 'recordConversion', { ...sale, customerId: scene.jane.id });
  return { orderId: sale.orderId };
}

const example = (again: Example['again'], input: Example['input']): Example => ({ again, input });

export const examples: Readonly<Record<string, Example>> = {
  createCustomer: example('CONFLICT', () => ({ externalId: 'usr_new', email: 'new@example.com' })),
  upsertCustomer: example('nothing', () => ({ externalId: 'usr_new', name: 'New' })),
  upsertCustomers: example('nothing', ({ jane }) => ({
    customers: [{ externalId: 'usr_new' }, { id: jane.id, notes: 'Called twice.' }],
    errorPolicy: 'PER_ITEM',
  })),
  updateCustomer: example('nothing', ({ jane }) => ({ id: jane.id, notes: 'Called twice.' })),
  setCustomerStatus: example('nothing', ({ jane }) => ({ id: jane.id, status: 'SUSPENDED' })),
  addCustomerTags: example('nothing', ({ jane }) => ({ id: jane.id, tags: ['new'] })),
  removeCustomerTags: example('nothing', ({ jane }) => ({ id: jane.id, tags: ['vip'] })),
  mergeCustomers: example('nothing', ({ omar, jane }) => ({ sourceId: omar.id, targetId: jane.id })),
  unmergeCustomers: example('CONFLICT', async (scene) => {
    await after(scene, 'mergeCustomers', { sourceId: scene.omar.id, targetId: scene.jane.id });
    return { sourceId: scene.omar.id };
  }),
  deleteCustomer: example('NOT_FOUND', ({ jane }) => ({ id: jane.id, mode: 'PURGE' })),

  createContact: example('nothing', () => ({ email: 'new@example.com' })),
  updateContact: example('nothing', ({ omar }) => ({ id: omar.id, name: 'Omar' })),
  archiveContact: example('nothing', ({ omar }) => ({ id: omar.id })),
  restoreContact: example('nothing', async (scene) => {
    await after(scene, 'archiveContact', { id: scene.omar.id });
    return { id: scene.omar.id };
  }),

  startConversation: example('another', () => ({ email: 'new@example.com', text: 'Hello' })),
  updateConversation: example('nothing', ({ billing }) => ({ id: billing.id, subject: 'Twelve seats' })),
  deleteConversation: example('NOT_FOUND', ({ billing }) => ({ id: billing.id })),
  setConversationStatus: example('nothing', ({ billing }) => ({ id: billing.id, status: 'CLOSED' })),
  setConversationsStatus: example('nothing', ({ billing }) => ({ ids: [billing.id], status: 'CLOSED' })),
  assignConversation: example('nothing', ({ billing, ada }) => ({ id: billing.id, assigneeId: ada.id })),
  assignConversations: example('nothing', ({ ada }) => ({ filter: {}, assigneeId: ada.id })),
  addConversationTags: example('nothing', ({ billing }) => ({ id: billing.id, tags: ['new'] })),
  removeConversationTags: example('nothing', async (scene) => {
    await after(scene, 'addConversationTags', { id: scene.billing.id, tags: ['old'] });
    return { id: scene.billing.id, tags: ['old'] };
  }),
  snoozeConversation: example('nothing', ({ billing }) => ({ id: billing.id, until: '2999-01-01T00:00:00Z' })),
  unsnoozeConversation: example('nothing', async (scene) => {
    await after(scene, 'snoozeConversation', { id: scene.billing.id, until: '2999-01-01T00:00:00Z' });
    return { id: scene.billing.id };
  }),
  markConversationRead: example('nothing', ({ billing }) => ({ id: billing.id })),
  addMessage: example('another', ({ billing }) => ({ conversationId: billing.id, text: 'Hello' })),
  retryRejectedMail: example('NOT_FOUND', async ({ testApp, desk, mailbox }) => {
    const posted = { contentType: 'message/rfc822', body: Buffer.from(mail({ To: 'nobody@elsewhere.test' })) };
    const taken = await testApp.services.inboundMail.take(desk.operator, { ...posted, channelId: null });
    return { id: 'kept' in taken ? taken.kept?.id : '', channelId: mailbox.id };
  }),
  blockSender: example('CONFLICT', () => ({ pattern: 'spam@x.example', reason: 'Offers' })),
  unblockSender: example('NOT_FOUND', async ({ testApp, desk }) => {
    return { id: (await testApp.services.blockedSenders.block(desk.operator, { pattern: 'x.example' })).id };
  }),
  resendMessage: example('nothing', async (scene) => {
    const answer = { conversationId: scene.billing.id, text: 'Hello' };
    const added = await after(scene, 'addMessage', answer, 'message { databaseId }');
    const { workspaceId } = scene.desk;
    const id = added?.message?.databaseId ?? '';
    await scene.testApp.database.prisma.message.update({
      where: { workspaceId_id: { workspaceId, id } },
      // Handed over as well, so that nobody who sends the mails of other tests takes it out of the queue.
      data: { status: 'FAILED', emailMessageId: `${id}@desk.test`, deliveredAt: new Date() },
    });
    return { id };
  }),
  editNote: example('nothing', async (scene) => {
    const note = { conversationId: scene.billing.id, text: 'Asked before?', isInternal: true };
    const added = await after(scene, 'addMessage', note, 'message { databaseId }');
    return { id: added?.message?.databaseId, text: 'Asked before.' };
  }),

  createAgent: example('CONFLICT', () => ({ name: 'Dora', email: 'dora@desk.test' })),
  updateAgent: example('nothing', ({ ada }) => ({ id: ada.id, name: 'Ada B.' })),
  deactivateAgent: example('nothing', ({ ben }) => ({ id: ben.id })),
  reactivateAgent: example('nothing', ({ carl }) => ({ id: carl.id })),
  updateWorkspace: example('nothing', () => ({ defaultCountry: 'NO' })),
  createChannel: example('CONFLICT', () => ({ kind: 'CHAT', name: 'Chat' })),
  updateChannel: example('nothing', ({ mailbox }) => ({ id: mailbox.id, name: 'Help' })),

  createApiKey: example('another', () => ({ kind: 'API_USER', scopes: ['apiKeys:write'], name: 'New' })),
  updateApiKey: example('nothing', async (scene) => ({ id: await apiKey(scene), name: 'Inbox' })),
  rotateApiKey: example('another', async (scene) => ({ id: await apiKey(scene) })),
  revokeApiKey: example('nothing', async (scene) => ({ id: await apiKey(scene) })),
  createSessionToken: example('another', ({ ada }) => ({ agentId: ada.id, scopes: ['sessions:create'] })),

  createWebhookEndpoint: example('another', () => webhook),
  updateWebhookEndpoint: example('nothing', async (scene) => {
    return { id: await webhookEndpoint(scene), eventTypes: ['channel.*'] };
  }),
  deleteWebhookEndpoint: example('NOT_FOUND', async (scene) => ({ id: await webhookEndpoint(scene) })),
  rotateWebhookSecret: example('another', async (scene) => ({ id: await webhookEndpoint(scene) })),
  sendTestWebhook: example('another', async (scene) => ({ endpointId: await webhookEndpoint(scene) })),
  replayWebhookDelivery: example('nothing', async (scene) => {
    const endpointId = await webhookEndpoint(scene);
    const sent = await after(scene, 'sendTestWebhook', { endpointId }, 'delivery { databaseId }');
    const { prisma } = scene.testApp.database;
    const { workspaceId } = scene.desk;
    await prisma.webhookDelivery.updateMany({
      where: { workspaceId },
      data: { status: 'FAILED', nextAttemptAt: null },
    });
    return { id: sent?.delivery?.databaseId };
  }),
  replayWebhookDeliveries: example('nothing', async (scene) => {
    const { prisma } = scene.testApp.database;
    const { workspaceId } = scene.desk;
    const endpointId = await webhookEndpoint(scene);
    // As if what happened before had passed while the endpoint was disabled.
    const { seq } = await prisma.domainEvent.findFirstOrThrow({ where: { workspaceId }, orderBy: { seq: 'desc' } });
    await prisma.webhookCursor.update({ where: { workspaceId }, data: { seq } });
    return { endpointId, from: '2020-01-01T00:00:00Z' };
  }),

  createCampaign: example('CONFLICT', () => ({ name: 'Autumn' })),
  updateCampaign: example('nothing', async (scene) => ({ id: await campaign(scene), name: 'Winter' })),
  createLink: example('another', () => ({ url: 'https://example.com/pricing' })),
  updateLink: example('nothing', async (scene) => ({ id: await link(scene), url: 'https://example.com/new' })),
  deleteLink: example('NOT_FOUND', async (scene) => ({ id: await link(scene) })),
  upsertTrackedCustomer: example('nothing', () => ({ externalId: 'usr_new', name: 'New' })),
  updateTrackedCustomer: example('nothing', ({ jane }) => ({ which: { id: jane.id }, name: 'Jane D.' })),
  deleteTrackedCustomer: example('NOT_FOUND', () => ({ which: { externalId: 'usr_jane' } })),
  recordClick: example('nothing', () => ({ clickId: 'click_1' })),
  recordClicks: example('nothing', () => ({ clicks: [{ clickId: 'click_1' }], errorPolicy: 'PER_ITEM' })),
  claimClick: example('nothing', async (scene) => {
    await after(scene, 'recordClick', { clickId: 'click_1' });
    return { clickId: 'click_1', customerId: scene.jane.id };
  }),
  recordConversion: example('nothing', () => ({ ...sale, externalId: 'usr_new' })),
  recordConversions: example('nothing', () => ({
    conversions: [{ ...sale, externalId: 'usr_new' }],
    errorPolicy: 'PER_ITEM',
  })),
  setConversionStatus: example('nothing', async (scene) => ({ ...(await sold(scene)), status: 'REFUNDED' })),
  refundConversion: example('BAD_USER_INPUT', sold),
  recalculateCustomerLtv: example('nothing', async (scene) => {
    const { workspaceId, id } = scene.jane;
    const where = { workspaceId_id: { workspaceId, id } };
    await scene.testApp.database.prisma.customer.update({ where, data: { ltvMinor: 7n } });
    return { id };
  }),
};
