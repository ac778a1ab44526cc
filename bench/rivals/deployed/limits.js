// The bounds that both servers as they are deployed set to an operation, with their authors' defaults: twelve levels of
// fields, four of lists, and a cost by the number and depth of fields, whatever sizes of pages they ask for.
import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit';
import { depthLimit } from '@graphile/depth-limit';

/** @param {import('graphql').ValidationContext} context */
const costLimit = (context) => ({ ...costLimitRule()(context) });

/** @type {import('graphql').ValidationRule[]} */
export const limits = [depthLimit(), costLimit];
