import {
  type ASTVisitor,
  type DirectiveNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses a subscription whose only field can be skipped. Without a field there is nothing to subscribe to, and
 * graphql-js fails.
 */
export const requireRootField: Plugin = {
  onValidate: ({ addValidationRule }) => addValidationRule(unconditionalRoot),
};

/** The rule of the specification (5.2.4.1). */
function unconditionalRoot(context: ValidationContext): ASTVisitor {
  const conditionsIn = ({ selections }: SelectionSetNode, seen: Set<string>): DirectiveNode[] =>
    selections.flatMap((selection) => {
      const own = (selection.directives ?? []).filter(({ name }) => name.value === 'skip' || name.value === 'include');
      if (selection.kind === Kind.INLINE_FRAGMENT) return [...own, ...conditionsIn(selection.selectionSet, seen)];
      if (selection.kind === Kind.FIELD || seen.has(selection.name.value)) return own;
      const fragment = context.getFragment(selection.name.value);
      return fragment ? [...own, ...conditionsIn(fragment.selectionSet, seen.add(selection.name.value))] : own;
    });
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation !== 'subscription') return;
      for (const node of conditionsIn(selectionSet, new Set())) {
        const message = `The field of a subscription cannot be left out by "@${node.name.value}".`;
        context.reportError(new GraphQLError(message, { nodes: node }));
      }
    },
  };
}
