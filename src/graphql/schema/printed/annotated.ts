import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
} from 'graphql';

/** The directives to print for an object type or one of its fields, such as `@shareable`. */
export type Annotate = (type: GraphQLNamedType, field?: GraphQLField<unknown, unknown>) => readonly string[];

/** The text of a schema with directives that graphql-js does not print itself. `head` is put before it. */
export function printAnnotated(schema: GraphQLSchema, head: string, annotate: Annotate): string {
  const document = parse(printSchema(schema), { noLocation: true });
  const definitions = document.definitions.map((definition) => annotated(schema, definition, annotate));
  return `${print({ ...document, definitions: [...parse(head).definitions, ...definitions] })}\n`;
}

function annotated(schema: GraphQLSchema, node: DefinitionNode, annotate: Annotate): DefinitionNode {
  const type = node.kind === Kind.OBJECT_TYPE_DEFINITION ? schema.getType(node.name.value) : undefined;
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || !isObjectType(type)) return node;
  const own = type.getFields();
  const fields = node.fields?.map((field): FieldDefinitionNode => {
    const definition = own[field.name.value];
    return definition ? withDirectives(field, annotate(type, definition)) : field;
  });
  return withDirectives({ ...node, ...(fields && { fields }) }, annotate(type));
}

const withDirectives = <Node extends ObjectTypeDefinitionNode | FieldDefinitionNode>(
  node: Node,
  texts: readonly string[],
): Node => (texts.length === 0 ? node : { ...node, directives: [...(node.directives ?? []), ...texts.map(directive)] });

function directive(text: string): ConstDirectiveNode {
  const [scalar] = parse(`scalar Any ${text}`, { noLocation: true }).definitions;
  const [node] = scalar?.kind === Kind.SCALAR_TYPE_DEFINITION ? (scalar.directives ?? []) : [];
  if (!node) throw new Error(`"${text}" is no directive.`);
  return node;
}
