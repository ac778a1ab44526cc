import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Context, contextOver, type ReplicaReads } from '../../../context.js';

/**
 * Has queries read from replicas of the database. Stands behind what looks at the state of the primary for a validator: the
 * answer must not be older than it.
 */
export const readFromReplicas = (reads: ReplicaReads): Plugin<Context> => ({
  async onExecute({ args, context }) {
    if (getOperationAST(args.document, args.operationName)?.operation !== 'query') return;
    const sources = await reads.sources({ current: context.request.method === 'GET' });
    if (sources) Object.assign(context, contextOver(sources, context.caller));
  },
});
