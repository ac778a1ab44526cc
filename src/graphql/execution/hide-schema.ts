import { GraphQLError, NoSchemaIntrospectionCustomRule, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { placeOf } from './errors.js';

/** Who is told the schema: whoever has a key, nobody, or everybody. */
export type Introspection = 'on' | 'off' | 'public';

/** Refuses to tell the schema: neither when it is asked for, nor by suggesting names to whom guesses. */
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

/** What a subgraph is asked for its schema with. */
const noSubgraphText: ValidationRule = (context) => ({
  Field(node) {
    if (node.name.value !== '_service' || context.getParentType() !== context.getSchema().getQueryType()) return;
    context.reportError(new GraphQLError('The schema is not told here: INTROSPECTION is off.', { nodes: node }));
  },
});
