import { GraphQLError, NoSchemaIntrospectionCustomRule, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { placeOf } from './errors.js';

/** Who may read the schema: `on` for any key, `off` for nobody, `public` for everybody. */
export type Introspection = 'on' | 'off' | 'public';

/** Refuses introspection, and removes suggestions from errors so that names cannot be guessed. */
export const hideSchema: Plugin = {
  onValidate({ addValidationRule }) {
    addValidationRule(NoSchemaIntrospectionCustomRule);
    addValidationRule(noSubgraphText);
    return ({ valid, result, setResult }) => {
      if (!valid) setResult((result as GraphQLError[]).map(withoutSuggestion));
    };
  },
};

const withoutSuggestion = (error: GraphQLError): GraphQLError => {
  const message = error.message.replace(/ Did you mean .+\?$/, '');
  return message === error.message
    ? error
    : new GraphQLError(message, { ...placeOf(error), extensions: error.extensions });
};

/** Refuses the query for the schema of a subgraph. */
const noSubgraphText: ValidationRule = (context) => ({
  Field(node) {
    if (node.name.value !== '_service' || context.getParentType() !== context.getSchema().getQueryType()) return;
    context.reportError(new GraphQLError('The schema is not available here: INTROSPECTION is off.', { nodes: node }));
  },
});
