import type { Demo } from './demo.js';

/** The ids that samples name, and the rows that are made for each sample in their place, so that none depends on another. */
export interface StandIns {
  putInto(text: string): Promise<string>;
}

/** `cli` runs a command and answers the JSON that it prints. */
export function createStandIns(ask: Demo['ask'], cli: (...args: string[]) => Promise<unknown>): StandIns {
  let made = 0;

  /** The plain id that `place` of a mutation's payload has. */
  const create = async (field: string, input: string, place: string): Promise<string> => {
    const { data, errors } = await ask(`mutation { ${field}(input: {${input}}) { ${place} { databaseId } } }`);
    const payload = data?.[field] as Record<string, { databaseId: string } | null> | undefined;
    const row = payload?.[place];
    if (!row) throw new Error(`${field}(${input}) made no ${place}: ${JSON.stringify({ data, errors })}`);
    return row.databaseId;
  };
  const email = (): string => {
    made += 1;
    return `reader${made}@example.com`;
  };
  const customer = () => create('createCustomer', `email: "${email()}", externalId: "reader_${made}"`, 'customer');
  const agent = () => create('createAgent', `name: "Kim", email: "${email()}"`, 'agent');
  const conversation = () =>
    create('startConversation', `email: "${email()}", text: "Hello", direction: INBOUND`, 'conversation');
  const note = async () =>
    create('addMessage', `conversationId: "${await conversation()}", text: "Hm", isInternal: true`, 'message');
  const endpoint = () => create('createWebhookEndpoint', 'url: "https://hooks.example.com/desk"', 'endpoint');
  const campaign = () => create('createCampaign', 'name: "Autumn"', 'campaign');
  const sale = async () =>
    create('recordConversion', `class: SALE, amountMinor: 4900, customerId: "${await customer()}"`, 'conversion');
  const key = async (): Promise<string> => {
    const made = await cli('keys', 'create', '--workspace', 'wrk_demo', '--kind', 'api_user');
    return (made as { id: string }).id;
  };
  const merged = async (): Promise<string> => {
    const [source, target] = [await customer(), await customer()];
    await create('mergeCustomers', `sourceId: "${source}", targetId: "${target}"`, 'customer');
    return source;
  };

  const makers: Readonly<Record<string, () => Promise<string>>> = {
    ctc_abc123: customer,
    ctc_def456: customer,
    ctc_merged1: merged,
    key_abc123: key,
    agt_abc123: agent,
    agt_def456: agent,
    thd_abc123: conversation,
    thd_def456: conversation,
    msg_note123: note,
    whe_abc123: endpoint,
    cmp_abc123: campaign,
    lnk_abc123: () => create('createLink', 'url: "https://acme.example/pricing"', 'link'),
    cnv_abc123: sale,
    whd_abc123: async () => create('sendTestWebhook', `endpointId: "${await endpoint()}"`, 'delivery'),
    chn_abc123: () => create('createChannel', `kind: EMAIL, name: "Mail", address: "${email()}"`, 'channel'),
  };

  return {
    async putInto(text) {
      let result = text;
      for (const name of new Set(text.match(/\b[a-z]{3}_[a-z]+\d+\b/g) ?? [])) {
        const make = makers[name];
        if (make) result = result.replaceAll(name, await make());
      }
      return result;
    },
  };
}
