import { type ASTNode, type DocumentNode, GraphQLError, Kind, visit } from 'graphql';
import { placeOf } from './errors.js';

/**
 * Validation says which value is wrong but not where it is. This adds `extensions.argument`, such as
 * "filter.status.eq", to the errors about a value in the document.
 */
export function withArgumentPath(document: DocumentNode, error: GraphQLError): GraphQLError {
  const argument = error.nodes?.[0] && argumentPath(document, error.nodes[0]);
  if (!argument) return error;
  return new GraphQLError(error.message, { ...placeOf(error), extensions: { ...error.extensions, argument } });
}

/** The path of a value in the document: the names of the argument and of the input fields around it, joined by dots. */
export function argumentPath(document: DocumentNode, wanted: ASTNode): string | undefined {
  let found: string | undefined;
  visit(document, {
    enter(node, _key, parent, _path, ancestors) {
      if (node !== wanted) return undefined;
      const names = [...ancestors, parent, node].flatMap((ancestor) =>
        ancestor && 'kind' in ancestor && (ancestor.kind === Kind.ARGUMENT || ancestor.kind === Kind.OBJECT_FIELD)
          ? [ancestor.name.value]
          : [],
      );
      if (names.length > 0) found = names.join('.');
      return undefined;
    },
  });
  return found;
}
