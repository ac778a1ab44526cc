import type { TestApp } from './app.js';
import type { MarkedDesk } from './marked-desk.js';

/**
 * An input for each mutation that leaves a marked desk as it was, so far as its texts go: those that would end something are
 * given something that was made for it.
 */

type Input = Readonly<Record<string, unknown>>;

let made = 0;

/** Makes another customer, and answers its id. */
async function another({ services }: TestApp, { desk }: MarkedDesk): Promise<string> {
  made += 1;
  const { customer } = await services.customers.upsert(desk.operator, { externalId: `usr_${made}` });
  return customer.id;
}

const inputs: Readonly<Record<string, (desk: MarkedDesk, testApp: TestApp) => Input | Promise<Input>>> = {
  createCustomer: ({ externalId }) => ({ externalId }),
  upsertCustomer: ({ externalId }) => ({ externalId }),
  upsertCustomers: ({ externalId }) => ({ customers: [{ externalId }], errorPolicy: 'PER_ITEM' }),
  updateCustomer: ({ ids }) => ({ id: ids.ctc }),
  setCustomerStatus: ({ ids }) => ({ id: ids.ctc, status: 'ACTIVE' }),
  addCustomerTags: ({ ids }) => ({ id: ids.ctc, tags: ['plain'] }),
  removeCustomerTags: ({ ids }) => ({ id: ids.ctc, tags: ['none'] }),
  mergeCustomers: async (desk, app) => ({ sourceId: await another(app, desk), targetId: desk.ids.ctc }),
  unmergeCustomers: async (desk, app) => {
    const sourceId = await another(app, desk);
    await app.services.customers.merge(desk.desk.operator, { sourceId, targetId: desk.ids.ctc ?? '' });
    return { sourceId };
  },
  deleteCustomer: async (desk, app) => ({ id: await another(app, desk), mode: 'PURGE' }),
  createContact: ({ email }) => ({ email }),
  updateContact: ({ ids }) => ({ id: ids.ctc }),
  archiveContact: ({ ids }) => ({ id: ids.ctc }),
  restoreContact: ({ ids }) => ({ id: ids.ctc }),
  startConversation: ({ email }) => ({ email, text: 'Hello' }),
  updateConversation: ({ ids }) => ({ id: ids.thd }),
  deleteConversation: async ({ desk, email }, { services }) => {
    const begun = { email, text: 'Hello', direction: 'INBOUND' as const };
    return { id: (await services.conversations.start(desk.operator, begun)).conversation.id };
  },
  setConversationStatus: ({ ids }) => ({ id: ids.thd, status: 'OPEN' }),
  setConversationsStatus: ({ ids }) => ({ ids: [ids.thd], status: 'OPEN' }),
  assignConversation: ({ ids }) => ({ id: ids.thd, assigneeId: ids.agt }),
  assignConversations: ({ ids }) => ({ ids: [ids.thd], assigneeId: ids.agt }),
  addConversationTags: ({ ids }) => ({ id: ids.thd, tags: ['plain'] }),
  removeConversationTags: ({ ids }) => ({ id: ids.thd, tags: ['none'] }),
  snoozeConversation: ({ ids }) => ({ id: ids.thd, until: '2999-01-01T00:00:00Z' }),
  unsnoozeConversation: ({ ids }) => ({ id: ids.thd }),
  markConversationRead: ({ ids }) => ({ id: ids.thd }),
  addMessage: ({ ids }) => ({ conversationId: ids.thd, text: 'A note', isInternal: true }),
  resendMessage: ({ ids }) => ({ id: ids.msg }),
  retryRejectedMail: () => ({ id: 'rjm_nobody' }),
  blockSender: () => ({ pattern: `x${++made}.test` }),
  unblockSender: () => ({ id: 'bls_nobody' }),
  editNote: ({ ids }) => ({ id: ids.msg, text: 'A note' }),
  createAgent: () => ({ name: 'Ada', email: 'ada@desk.test' }),
  updateAgent: ({ ids }) => ({ id: ids.agt }),
  deactivateAgent: () => ({ id: 'agt_nobody' }),
  reactivateAgent: ({ ids }) => ({ id: ids.agt }),
  updateWorkspace: () => ({}),
  createChannel: () => ({ kind: 'CHAT', name: 'Chat' }),
  updateChannel: ({ ids }) => ({ id: ids.chn }),
  createWebhookEndpoint: () => ({ url: 'https://hooks.example/', eventTypes: ['agent.*'], isEnabled: false }),
  updateWebhookEndpoint: async (desk, app) => ({ id: await plainEndpoint(desk, app) }),
  deleteWebhookEndpoint: async (desk, app) => ({ id: await plainEndpoint(desk, app) }),
  rotateWebhookSecret: async (desk, app) => ({ id: await plainEndpoint(desk, app) }),
  sendTestWebhook: ({ ids }) => ({ endpointId: ids.whe }),
  replayWebhookDelivery: async (desk, app) => {
    const endpointId = await plainEndpoint(desk, app);
    return { id: (await app.services.webhookDeliveries.sendTest(desk.desk.operator, { endpointId })).id };
  },
  replayWebhookDeliveries: async (desk, app) => ({
    endpointId: await plainEndpoint(desk, app),
    from: '2020-01-01T00:00:00Z',
  }),
  createApiKey: () => ({ name: 'plain', kind: 'API_USER', scopes: ['apiKeys:write'] }),
  updateApiKey: async (desk, app) => ({ id: await plainKey(desk, app) }),
  rotateApiKey: async (desk, app) => ({ id: await plainKey(desk, app) }),
  revokeApiKey: async (desk, app) => ({ id: await plainKey(desk, app) }),
  createSessionToken: ({ ids }) => ({ agentId: ids.agt, scopes: ['sessions:create'] }),
  createCampaign: () => ({ name: `Campaign ${++made}` }),
  updateCampaign: ({ ids }) => ({ id: ids.cmp }),
  createLink: () => ({ url: 'https://example.com/' }),
  updateLink: ({ ids }) => ({ id: ids.lnk }),
  deleteLink: async ({ desk }, { services }) => ({
    id: (await services.links.create(desk.operator, { url: 'https://example.com/' })).id,
  }),
  recordClick: ({ clickId }) => ({ clickId }),
  recordClicks: ({ clickId }) => ({ clicks: [{ clickId }], errorPolicy: 'PER_ITEM' }),
  claimClick: ({ clickId, ids }) => ({ clickId, customerId: ids.ctc }),
  recordConversion: ({ orderId, ids }) => ({ class: 'SALE', orderId, customerId: ids.ctc, amountMinor: 4_242 }),
  recordConversions: ({ orderId, ids }) => ({
    conversions: [{ class: 'SALE', orderId, customerId: ids.ctc, amountMinor: 4_242 }],
    errorPolicy: 'PER_ITEM',
  }),
  setConversionStatus: ({ orderId }) => ({ orderId, status: 'PENDING' }),
  refundConversion: ({ orderId }) => ({ orderId, amountMinor: 1 }),
  recalculateCustomerLtv: ({ ids }) => ({ id: ids.ctc }),
  upsertTrackedCustomer: ({ externalId }) => ({ externalId }),
  updateTrackedCustomer: ({ externalId }) => ({ which: { externalId } }),
  deleteTrackedCustomer: async (desk, app) => ({ which: { id: await another(app, desk) } }),
};

/** An endpoint of which any key with the scope may have everything. */
async function plainEndpoint({ desk }: MarkedDesk, { services }: TestApp): Promise<string> {
  const url = 'https://hooks.example/zqwebhookplain';
  const input = { url, eventTypes: ['agent.*'], isEnabled: true };
  return (await services.webhooks.create(desk.operator, input)).endpoint.id;
}

/** A key that can do what whoever manages keys alone can. */
async function plainKey({ desk: { workspaceId } }: MarkedDesk, { services }: TestApp): Promise<string> {
  const scopes = ['apiKeys:write' as const];
  return (await services.apiKeys.create({ workspaceId, kind: 'API_USER', name: 'zqapikeyplain', scopes })).id;
}

export async function harmless(testApp: TestApp, desk: MarkedDesk, mutation: string): Promise<Input> {
  const input = inputs[mutation];
  if (!input) throw new Error(`${mutation} needs an input in marked-inputs.ts.`);
  return input(desk, testApp);
}
