import { type ASTNode, type DocumentNode, GraphQLError, Kind, visit } from 'graphql';
import { placeOf } from './errors.js';

/**
 * Validation names the value that is wrong but not where it stands. This adds `extensions.argument`, such as
 * "filter.status.eq", to the errors about a value in the document.
 */
export function withArgumentPath(document: DocumentNode, error: GraphQLError): GraphQLError {
  const argument = error.nodes?.[0] && argumentPath(document, error.nodes[0]);
  if (!argument) return error;
  return new GraphQLError(error.message, { ...placeOf(error), extensions: { ...error.extensions, argument } });
}

/** The names of the argument and input fields that a value of the document stands in, joined by dots. */
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
