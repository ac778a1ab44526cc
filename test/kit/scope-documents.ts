import { type GraphQLObjectType, getNamedType, isCompositeType, isObjectType } from 'graphql';
import type { Scope } from '../../src/auth/scopes.js';
import { meets, needsOf } from '../../src/graphql/schema/scopes.js';
import { type Field, fieldsOf, isRequired, selectionOf } from './schema-walk.js';

/** Selections of what a key sees by the rule, and of each thing that it does not, to see whether the graph agrees. */

type Held = ReadonlySet<Scope>;

const optional = (type: GraphQLObjectType): Field[] => fieldsOf(type).filter(({ args }) => !args.some(isRequired));

/** A field with a small page, so that pages within pages stay small. */
const named = ({ name, args }: Field): string =>
  args.some((arg) => arg.name === 'first') ? `${name}(first: 3)` : name;

const isMet = (held: Held, parent: GraphQLObjectType, field: Field): boolean =>
  needsOf(parent, field).every((need) => need.otherwise === 'NULL' || meets(held, need));

/** Everything that a key sees of an object, `depth` objects deep. */
export function visibleOf(type: GraphQLObjectType, held: Held, depth = 4): string {
  const parts = optional(type).flatMap((field): string[] => {
    const inner = getNamedType(field.type);
    const needs = needsOf(type, field).filter((need) => need.otherwise !== 'NULL' && !meets(held, need));
    if (needs.length > 0 && needs.every(({ otherwise }) => otherwise === 'IDS_ONLY')) {
      return [`${field.name} { __typename id databaseId }`];
    }
    if (needs.length > 0) return [];
    if (!isCompositeType(inner)) return [field.name];
    if (depth <= 1 || needsOf(type, field).some((need) => !meets(held, need))) return [];
    if (isObjectType(inner)) return [`${named(field)} { ${visibleOf(inner, held, depth - 1)} }`];
    return [`${field.name} { __typename id }`];
  });
  return ['__typename', ...parts].join(' ');
}

/** One selection for each field that a key does not see of the objects that it sees, `depth` objects deep, each once. */
export function hiddenOf(
  type: GraphQLObjectType,
  held: Held,
  depth = 4,
  found = new Map<string, string>(),
  around: (inner: string) => string = (inner) => inner,
): ReadonlyMap<string, string> {
  for (const field of optional(type)) {
    const inner = getNamedType(field.type);
    const place = `${type.name}.${field.name}`;
    if (!isMet(held, type, field)) {
      const selection = isObjectType(inner) ? ` { ${selectionOf(inner, 2)} }` : '';
      if (!found.has(place)) found.set(place, around(`${named(field)}${selection}`));
    } else if (isObjectType(inner) && depth > 1) {
      hiddenOf(inner, held, depth - 1, found, (part) => around(`${named(field)} { ${part} }`));
    }
  }
  return found;
}
