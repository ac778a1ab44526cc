import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Context, contextOver, type ReplicaReads } from '../../../context.js';

/**
 * Has queries read from replicas of the database. Stands behind what looks at the state of the primary for a validator: the
 * answer must not be older than it.
 */
export const readFromReplicas = (reads: ReplicaReads): Plugin<Context> => ({
  onExecute({ args, context }) {
    if (getOperationAST(args.document, args.operationName)?.operation !== 'query') return undefined;
    return reads.sources({ current: context.request.method === 'GET' }).then((sources) => {
      if (sources) Object.assign(context, contextOver(sources, context.caller));
    });
  },
});
