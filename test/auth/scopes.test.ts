import { type GraphQLObjectType, getNamedType, isInterfaceType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { allScopes } from '../../src/auth/scopes.js';
import { needsOf, scopeOf } from '../../src/graphql/schema/scopes.js';
import { schema } from '../../src/graphql/schema.js';
import { fieldsOf } from '../kit/schema-walk.js';
import { scopesPage, sightOf } from '../kit/scope-table.js';

/** Which field each scope shows, held to the committed page. */

const types = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
);

test('every scope shows what docs/scopes.md says, and nothing else', async () => {
  await expect(scopesPage()).toMatchFileSnapshot('../../docs/scopes.md');
});

describe('the rule', () => {
  test('opens nothing for reading by a scope to write', () => {
    const open = [...sightOf().fields.keys()];
    for (const scope of allScopes.filter((one) => !one.endsWith(':read'))) {
      const opened = [...sightOf(scope).fields.keys()].filter((type) => !open.includes(type));
      expect({ scope, opened: opened.filter((type) => scopeOf(typeNamed(type)) !== undefined) }).toEqual({
        scope,
        opened: [],
      });
    }
  });

  test('shows with all scopes every field that there is', () => {
    const { fields } = sightOf(...allScopes);
    const missing = types.flatMap((type) =>
      fieldsOf(type)
        .filter(({ name }) => !fields.get(type.name)?.has(name))
        .map(({ name }) => `${type.name}.${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('has a scope on every node but those that any key may read', () => {
    const node = schema.getType('Node');
    const nodes = isInterfaceType(node) ? schema.getPossibleTypes(node) : [];
    const open = nodes.filter((type) => scopeOf(type) === undefined).map(({ name }) => name);
    expect(open.sort()).toEqual(['Agent', 'Channel', 'Workspace']);
  });

  test('is written in the description of each field that needs more than its parent', () => {
    const silent = types
      .filter((type) => !/Payload$|Result$|Edge$|Connection$/.test(type.name))
      .flatMap((type) =>
        fieldsOf(type)
          .filter((field) => needsOf(type, field).some(({ otherwise }) => otherwise === 'REFUSED'))
          .filter(({ description }) => !/Needs /.test(description ?? ''))
          .map(({ name }) => `${type.name}.${name}`),
      );
    expect(silent).toEqual([]);
  });

  test('leaves objects of any type to the loader of nodes, which checks their scopes', () => {
    const abstract = types.flatMap((type) =>
      fieldsOf(type)
        .filter(({ type: of }) => !isObjectType(getNamedType(of)) && 'getFields' in getNamedType(of))
        .map(({ name }) => `${type.name}.${name}`),
    );
    expect(abstract.sort()).toEqual(['AuditEntry.entity', 'Query.node', 'Query.nodes', 'WorkspaceChange.entity']);
  });
});

function typeNamed(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no object type.`);
  return type;
}
