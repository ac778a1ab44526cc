import {
  type DocumentNode,
  type GraphQLObjectType,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { allScopes, holds, type Scope, scopes as scopeTexts } from '../../src/auth/scopes.js';
import { meets, needsOf, scopeOf } from '../../src/graphql/schema/scopes.js';
import { schema } from '../../src/graphql/schema.js';
import { mayRead } from '../../src/modules/events/event.scopes.js';
import { eventTypes } from '../../src/modules/events/event.service.js';
import { allDialects } from '../../src/rest/server.js';
import { type Field, fieldsOf } from './schema-walk.js';

/** What keys see by the rule that the graph checks, found by walking every path of the schema. */

export interface Sight {
  /** The fields that the key sees, by type; those of the roots are what it may call. */
  fields: ReadonlyMap<string, ReadonlySet<string>>;
  /** The types of which payloads show the ids alone. */
  ids: ReadonlySet<string>;
}

const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
  (type) => type != null,
);

/** The types that a field can lead to; an interface leads to whatever of it the key may see. */
function typesBehind({ type }: Field, held: ReadonlySet<Scope>): readonly GraphQLObjectType[] {
  const named = getNamedType(type);
  if (isObjectType(named)) return [named];
  if (!isInterfaceType(named)) return [];
  return schema.getPossibleTypes(named).filter((one) => holds(held, scopeOf(one) ?? null));
}

/** What a key with these scopes sees, on paths of any length. */
export function sightOf(...scopes: readonly Scope[]): Sight {
  const held = new Set(scopes);
  const fields = new Map<string, Set<string>>();
  const ids = new Set<string>();
  const visit = (parent: GraphQLObjectType): void => {
    if (fields.has(parent.name)) return;
    const seen = new Set<string>();
    fields.set(parent.name, seen);
    for (const field of fieldsOf(parent)) {
      const lacking = needsOf(parent, field).filter((need) => !meets(held, need));
      if (lacking.length === 0) {
        seen.add(field.name);
        for (const type of typesBehind(field, held)) visit(type);
      } else if (lacking.every(({ otherwise }) => otherwise === 'IDS_ONLY')) {
        ids.add(getNamedType(field.type).name);
      }
    }
  };
  for (const root of roots) visit(root);
  return { fields, ids };
}

/** All that a document needs; where it is null for who has not, nothing. */
function needsOfDocument(document: DocumentNode): string[] {
  const found = new Set<string>();
  const inSet = (set: SelectionSetNode, type: GraphQLObjectType): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = document.definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION) inSet(fragment.selectionSet, type);
      } else if (selection.kind === Kind.FIELD) {
        const field = type.getFields()[selection.name.value];
        if (!field || selection.directives?.some(({ name }) => name.value === 'include')) continue;
        const needs = needsOf(type, field);
        if (needs.some(({ otherwise }) => otherwise === 'NULL')) continue;
        for (const { scopes, otherwise } of needs) {
          const inner = selection.selectionSet?.selections ?? [];
          const isIds = inner.every((one) => one.kind === Kind.FIELD && one.name.value === 'databaseId');
          if (otherwise !== 'IDS_ONLY' || !isIds) found.add(scopes.join(' or '));
        }
        const named = getNamedType(field.type);
        if (selection.selectionSet && isObjectType(named)) inSet(selection.selectionSet, named);
      }
    }
  };
  const operation = getOperationAST(document);
  const root = operation && schema.getRootType(operation.operation);
  if (root) inSet(operation.selectionSet, root);
  return [...found];
}

const code = (names: Iterable<string>): string => [...names].map((name) => `\`${name}\``).join(', ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

function sectionOf(scope: Scope | null): string[] {
  const { fields, ids } = sightOf(...(scope ? [scope] : []));
  const known = scope ? sightOf().fields : new Map<string, ReadonlySet<string>>();
  const rows = [...fields]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([type, names]) => {
      const own = [...names].filter((name) => !known.get(type)?.has(name)).sort();
      return own.length > 0 ? [[`\`${type}\``, code(own)]] : [];
    });
  const held = new Set(scope ? [scope] : []);
  const events = eventTypes.filter((type) => mayRead(held, type) && (scope === null || !mayRead(new Set(), type)));
  return [
    scope ? `## \`${scope}\`` : '## No scope',
    '',
    scope ? scopeTexts[scope] : 'What every key sees.',
    '',
    ...(rows.length > 0 ? [...table(['type', 'fields'], rows), ''] : []),
    ...(ids.size > 0 ? [`Payloads show \`id\` and \`databaseId\` of ${code([...ids].sort())}.`, ''] : []),
    ...(events.length > 0 ? [`Changes that subscriptions and webhooks tell of: ${code(events)}.`, ''] : []),
  ];
}

/** The fields that no single scope shows, with all that they need. */
function sectionOfMany(): string[] {
  const single = [sightOf(), ...allScopes.map((scope) => sightOf(scope))];
  const all = sightOf(...allScopes);
  const rows = [...all.fields].flatMap(([type, names]) => {
    const parent = schema.getType(type);
    if (!isObjectType(parent)) return [];
    return fieldsOf(parent)
      .filter(({ name }) => names.has(name) && !single.some(({ fields }) => fields.get(type)?.has(name)))
      .map((field) => [
        `\`${type}.${field.name}\``,
        code(new Set([scopeOf(parent) ?? [], needsOf(parent, field).map(({ scopes }) => scopes.join(' or '))].flat(2))),
      ]);
  });
  return ['## More than one scope', '', ...table(['field', 'needs'], rows.sort()), ''];
}

function sectionOfRest(): string[] {
  const rows = allDialects.flatMap(({ routes }) =>
    routes.map((route) => {
      const shows: readonly string[] = route.shows ?? [];
      const own = needsOfDocument(parse(route.inGraphql().document)).filter((need) => !shows.includes(need));
      const wanted = route.scopes?.join(' or ');
      const isOwn = (need: string): boolean =>
        route.scopes?.some((scope) => need.split(' or ').includes(scope)) === true;
      const needs = wanted === undefined ? own : [wanted, ...own.filter((need) => !isOwn(need))];
      return [`\`${route.method} ${route.path}\``, code(needs), code(shows)];
    }),
  );
  return [
    '## REST',
    '',
    'A route needs what its GraphQL document needs. Where a vendor has an answer show more to one scope than the graph does,',
    'the document of the route, and no other, reads with the scopes of the last column too.',
    '',
    ...table(['route', 'needs', 'shows without the scope'], rows),
    '',
  ];
}

/** The page of all scopes, as it is committed. */
export const scopesPage = (): string =>
  [
    '# What each scope shows',
    '',
    '<!-- Written by test/auth/scopes.test.ts: npm test -- test/auth/scopes.test.ts --update -->',
    '',
    'What a key sees that has one scope alone, beside what every key sees: fields by type, on every path of the graph. The rule is in',
    '[Keys and scopes](keys.md#what-a-scope-shows).',
    '',
    ...[null, ...allScopes].flatMap(sectionOf),
    ...sectionOfMany(),
    ...sectionOfRest(),
  ].join('\n');
