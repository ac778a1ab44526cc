import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isUnionType,
} from 'graphql';

/** The GraphQL reference: the schema as Markdown, one page for each kind. */

/** The page that a type stands on. */
function kindOf(type) {
  if (isScalarType(type)) return 'scalars';
  if (isEnumType(type)) return 'enums';
  if (isInputObjectType(type)) return 'inputs';
  if (isInterfaceType(type) || isUnionType(type)) return 'interfaces';
  if (/(Connection|Edge)$/.test(type.name) || type.name === 'PageInfo') return 'lists';
  return /(Payload|ItemResult)$/.test(type.name) ? 'results' : 'objects';
}

const introductions = {
  queries: ['Queries', 'The fields of the type `Query`. [Read data](/queries) explains lists, filters and paging.'],
  mutations: [
    'Mutations',
    'The fields of the type `Mutation`. [Change data](/mutations) explains what they have in common.',
  ],
  subscriptions: [
    'Subscriptions',
    'The fields of the type `Subscription`. [Follow changes](/subscriptions) explains how to use them.',
  ],
  objects: ['Objects', 'Object types that queries return.'],
  lists: ['Lists', 'Connections and edges: the pages of lists. [Read data](/queries) explains paging.'],
  results: ['Results', 'Payloads of mutations.'],
  interfaces: ['Interfaces', 'Interfaces and unions: types of fields that return one of several object types.'],
  inputs: ['Inputs', 'Input types of arguments: inputs, filters and orders.'],
  enums: ['Enums', 'Fixed sets of values.'],
  scalars: ['Scalars', 'Types of single values.'],
};

/** @returns {{ kind: string, content: string }[]} */
export function referencePages(sdl) {
  const schema = buildSchema(sdl);
  const roots = {
    queries: schema.getQueryType(),
    mutations: schema.getMutationType(),
    subscriptions: schema.getSubscriptionType(),
  };
  const types = Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith('__') && !Object.values(roots).includes(type))
    .sort((one, other) => one.name.localeCompare(other.name));
  return Object.entries(introductions).map(([kind, [title, introduction]]) => {
    const root = roots[kind];
    const sections = root
      ? Object.values(root.getFields()).map(operationSection)
      : types.filter((type) => kindOf(type) === kind).map((type) => typeSection(type, schema));
    return { kind, content: [`# ${title}`, introduction, ...sections].join('\n\n') };
  });
}

const operationSection = (field) =>
  [
    `## ${field.name}`,
    textOf(field),
    `Returns ${linkTo(field.type)}.`,
    ...(field.args.length > 0 ? [table('argument', field.args)] : []),
  ].join('\n\n');

function typeSection(type, schema) {
  const parts = [`## ${type.name}`, textOf(type)];
  if (isInterfaceType(type) || isUnionType(type)) {
    parts.push(`Possible types: ${schema.getPossibleTypes(type).map(linkTo).join(', ')}.`);
  }
  if (isObjectType(type) && type.getInterfaces().length > 0) {
    parts.push(`Implements: ${type.getInterfaces().map(linkTo).join(', ')}.`);
  }
  if (isEnumType(type)) {
    const rows = type.getValues().map((value) => `| \`${value.name}\` | ${textOf(value)} |`);
    parts.push(['| value | meaning |', '|---|---|', ...rows].join('\n'));
  }
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    parts.push(table('field', Object.values(type.getFields())));
  }
  return parts.join('\n\n');
}

/** Fields, of which some have arguments, or arguments themselves. */
function table(what, entries) {
  const rows = entries.map((entry) => {
    const fallback = entry.defaultValue === undefined ? '' : ` Default: \`${JSON.stringify(entry.defaultValue)}\`.`;
    const args = (entry.args ?? []).map(({ name }) => `\`${name}\``).join(', ');
    const taken = args && ` Arguments: ${args}.`;
    return `| \`${entry.name}\` | ${linkTo(entry.type)} | ${textOf(entry)}${fallback}${taken} |`;
  });
  return [`| ${what} | type | meaning |`, '|---|---|---|', ...rows].join('\n');
}

/** A type with a link to where it is described. */
function linkTo(type) {
  const { name } = getNamedType(type);
  return `[\`${type}\`](/graphql/${kindOf(getNamedType(type))}#${name.toLowerCase()})`;
}

/** A description as text of a cell; code in it stays code. */
function textOf({ description, deprecationReason }) {
  const text = [description ?? '', deprecationReason && `**Deprecated:** ${deprecationReason}`]
    .filter(Boolean)
    .join(' ');
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
