import { type GraphQLObjectType, getNamedType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allScopes, type Scope } from '../../src/auth/scopes.js';
import { meets, needsOf, scopeOf } from '../../src/graphql/schema/scopes.js';
import { schema } from '../../src/graphql/schema.js';
import { mayRead } from '../../src/modules/events/event.scopes.js';
import { allDialects } from '../../src/rest/server.js';
import type { Desk } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { subscribe } from '../kit/followers.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type MarkedDesk, type Noun, nouns, nounsIn, openMarkedDesk } from '../kit/marked-desk.js';
import { harmless } from '../kit/marked-inputs.js';
import { call } from '../kit/rest.js';
import { type Field, mutations, queries, selectionOf } from '../kit/schema-walk.js';
import { hiddenOf, visibleOf } from '../kit/scope-documents.js';
import { changes } from './changes.js';

/**
 * Each text of a desk says to which noun it belongs. Keys with one scope ask for everything that the rule shows them, and for
 * each thing that it does not: no answer may hold a text of a noun that the scope does not show.
 */

let server: TestServer;
let marked: MarkedDesk;
const keys = new Map<Scope | null, Desk>();

const singles: readonly (Scope | null)[] = [null, ...allScopes];
const heldBy = (scope: Scope | null): ReadonlySet<Scope> => new Set(scope ? [scope] : []);
const keyOf = (scope: Scope | null): Desk => {
  const desk = keys.get(scope);
  if (!desk) throw new Error(`There is no key of ${scope}.`);
  return desk;
};

/** The nouns that some scopes show. */
const shownBy = (...scopes: readonly (string | null)[]): Noun[] =>
  (Object.keys(nouns) as Noun[]).filter((noun) => nouns[noun].some((scope) => scopes.includes(scope)));

beforeAll(async () => {
  server = await startTestServer();
  marked = await openMarkedDesk(server);
  for (const scope of singles) keys.set(scope, await marked.desk.withScopes(...heldBy(scope)));
});
afterAll(() => server.close());

interface Asked {
  document: string;
  variables?: unknown;
}

/** Sends what is asked and expects no text of nouns that the scope does not show; answers the codes of the errors. */
async function codesOf(scope: Scope | null, { document, variables }: Asked): Promise<unknown[]> {
  const answer = await ask(server, keyOf(scope), document, variables);
  const leaked = nounsIn(JSON.stringify(answer)).filter((noun) => !shownBy(scope).includes(noun));
  expect(leaked, `${scope}: ${document}\n${JSON.stringify(answer)}`).toEqual([]);
  return (
    (answer.errors ?? [])
      // Whether an event may be shown depends on what it tells of.
      .filter(({ path = [] }) => path[0] !== 'auditLog' || path.length === 1)
      .map(({ extensions }) => extensions?.code)
  );
}

/** Ways to call a query, each with arguments that lead to something. */
function callsOf({ name, args }: Field): string[] {
  const { ids, externalId, email, clickId, orderId } = marked;
  const prefixes: Readonly<Record<string, string>> = {
    ...{ agent: 'agt', campaign: 'cmp', channel: 'chn', contact: 'ctc', conversation: 'thd', customer: 'ctc' },
    ...{ click: 'clk', conversion: 'cnv', link: 'lnk', message: 'msg', trackedCustomer: 'ctc' },
    ...{
      trackedCustomerAttribution: 'ctc',
      trackedCustomerJourney: 'ctc',
      webhookDelivery: 'whd',
      webhookEndpoint: 'whe',
      apiKey: 'key',
      rejectedMail: 'rjm',
      blockedSender: 'bls',
    },
  };
  const has = (argument: string) => args.some((arg) => arg.name === argument);
  if (name === 'search')
    return ['zqperson', 'zqcustomer', 'zqconversation', 'zqlink'].map((q) => `search(query: "${q}")`);
  const by = getNamedType(args.find((arg) => arg.name === 'by')?.type);
  if (isInputObjectType(by)) {
    const keys: Readonly<Record<string, string | undefined>> = { id: ids.ctc, externalId, email };
    return Object.keys(by.getFields()).map((key) => `${name}(by: { ${key}: "${keys[key]}" })`);
  }
  const id = prefixes[name] && has('id') ? [`${name}(id: "${ids[prefixes[name]]}")`] : [];
  const others = { externalId, email, clickId, orderId };
  const named = Object.entries(others).flatMap(([one, value]) => (has(one) ? [`${name}(${one}: "${value}")`] : []));
  if (id.length + named.length > 0) return [...id, ...named];
  return [has('first') ? `${name}(first: 5)` : name];
}

const rootNamed = (type: GraphQLObjectType | null | undefined): GraphQLObjectType => {
  if (!type) throw new Error('The schema has no such root.');
  return type;
};
const Query = rootNamed(schema.getQueryType());
const Mutation = rootNamed(schema.getMutationType());

const isOpen = (parent: GraphQLObjectType, field: Field, scope: Scope | null): boolean =>
  needsOf(parent, field).every((need) => meets(heldBy(scope), need));

describe.each(singles.map((scope) => [scope ?? 'no scope', scope] as const))('a key with %s', (_name, scope) => {
  test('sees by queries what the page says, and nothing else', async () => {
    const held = heldBy(scope);
    for (const field of queries.filter(({ name }) => name !== 'node' && name !== 'nodes')) {
      const type = getNamedType(field.type);
      for (const called of callsOf(field)) {
        if (!isOpen(Query, field, scope)) {
          const selection = isObjectType(type) ? `{ ${selectionOf(type, 2)} }` : '';
          expect(await codesOf(scope, { document: `{ ${called} ${selection} }` })).toContain('FORBIDDEN');
          continue;
        }
        const selection = isObjectType(type) ? `{ ${visibleOf(type, held)} }` : '';
        const codes = await codesOf(scope, { document: `{ ${called} ${selection} }` });
        const isNothing = field.name === 'search' && codes.length === 1;
        if (!isNothing) expect(codes, called).toEqual([]);
        if (!isObjectType(type)) continue;
        for (const hidden of hiddenOf(type, held).values())
          await codesOf(scope, { document: `{ ${called} { ${hidden} } }` });
      }
    }
  });

  test('gets by ids only nodes of types that the page says', async () => {
    const node = schema.getType('Node');
    for (const type of isInterfaceType(node) ? schema.getPossibleTypes(node) : []) {
      const held = heldBy(scope);
      const isShown = scopeOf(type) === undefined || scopeOf(type) === scope;
      const selection = isShown ? visibleOf(type, held, 3) : selectionOf(type, 2);
      for (const id of Object.values(marked.ids)) {
        const document = `query ($id: ID!, $ids: [ID!]!) {
          node(id: $id) { __typename id ... on ${type.name} { ${selection} } }
          nodes(ids: $ids) { __typename id ... on ${type.name} { ${selection} } }
        }`;
        await codesOf(scope, { document, variables: { id, ids: [id] } });
      }
    }
  });

  test('learns from payloads what it did', async () => {
    const held = heldBy(scope);
    for (const field of mutations.filter((one) => isOpen(Mutation, one, scope))) {
      const payload = getNamedType(field.type);
      if (!isObjectType(payload)) continue;
      const documentOf = (selection: string) =>
        `mutation ($input: ${field.args[0]?.type}) { ${field.name}(input: $input) { ${selection} } }`;
      const inputOf = async () => ({ input: await harmless(server, marked, field.name) });
      for (const hidden of hiddenOf(payload, held).values()) {
        const asked = { document: documentOf(hidden), variables: await inputOf() };
        expect(await codesOf(scope, asked), hidden).toEqual(['FORBIDDEN']);
      }
      const asked = { document: documentOf(visibleOf(payload, held)), variables: await inputOf() };
      expect(await codesOf(scope, asked), field.name).toEqual([]);
    }
  });

  test('follows the changes that it may read, of objects that it may read', async () => {
    const { workspaceId } = marked.desk;
    const events = await server.database.prisma.domainEvent.findMany({ where: { workspaceId } });
    const readable = events.filter(({ type }) => mayRead(heldBy(scope), type));
    const options = { endpoint: server.endpoint, key: keyOf(scope).key, transport: 'SSE' } as const;
    const following = subscribe(options, changes, { after: '0' });
    const count = () => following.told.length + following.failed.length;
    await expect.poll(count, { timeout: 120_000 }).toBeGreaterThanOrEqual(readable.length);
    following.leave();
    const text = JSON.stringify([following.told, following.failed]);
    expect(nounsIn(text).filter((noun) => !shownBy(scope).includes(noun))).toEqual([]);
  });

  test('gets no more of REST', async () => {
    const { ids, desk } = marked;
    const { uuid } = await server.database.prisma.customer.findFirstOrThrow({ where: { id: ids.ctc ?? '' } });
    const values: Readonly<Record<string, string | undefined>> = {
      ...{ workspaceId: desk.workspaceId, teamId: desk.workspaceId, customerId: uuid, id: ids.ctc, contactId: ids.ctc },
      conversationId: ids.thd,
    };
    const bodies: Readonly<Record<string, object>> = {
      ...{ createCustomer: { externalId: marked.externalId }, createContact: { email: marked.email } },
      ...{ startConversation: { email: marked.email, contentText: 'Hello' } },
      ...{ setConversationStatus: { status: 'OPEN' }, assignConversation: { agentId: ids.agt } },
    };
    for (const { method, path, id, shows = [] } of allDialects.flatMap(({ routes }) => routes)) {
      if (method === 'DELETE') continue;
      const filled = path.replace(/\{(\w+)\}/g, (_all, part: string) => values[part] ?? '');
      const query = /search$/.test(path) ? '?q=zq' : /lookup$/.test(path) ? `?externalId=${marked.externalId}` : '';
      const body = bodies[id] ?? (method === 'POST' ? { externalId: marked.externalId } : {});
      const { key } = keyOf(scope);
      const answer = await call(server, desk, filled + query, { method, key, ...(method !== 'GET' && { body }) });
      const leaked = nounsIn(JSON.stringify(answer.body));
      const allowed = answer.status < 300 ? shownBy(scope, ...shows) : [];
      expect(
        leaked.filter((noun) => !allowed.includes(noun)),
        `${scope}: ${method} ${path}`,
      ).toEqual([]);
    }
  });
});
