// The bounds that both servers as they are deployed set to an operation, with their authors' defaults: twelve levels of
// fields, four of lists, and a cost by the number and depth of fields and by the sizes of pages that are no variables.
import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit';
import { depthLimit } from '@graphile/depth-limit';

/**
 * The rule tells of a cost that is too high before it throws; here it is an error of validation, as others are.
 * @type {import('graphql').ValidationRule}
 */
const costLimit = (context) => {
  const onReject = [(/** @type {unknown} */ _context, /** @type {import('graphql').GraphQLError} */ error) => context.reportError(error)];
  return { ...costLimitRule({ propagateOnRejection: false, onReject })(context) };
};

/** @type {import('graphql').ValidationRule[]} */
export const limits = [depthLimit(), costLimit];
