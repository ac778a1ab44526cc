import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Context, contextOver, type ReplicaReads } from '../../../context.js';

/**
 * Lets queries read from replicas. Must come after the plugin that reads the state of the primary for the ETag, because
 * the response must not be older than its ETag.
 */
export const readFromReplicas = (reads: ReplicaReads): Plugin<Context> => ({
  onExecute({ args, context }) {
    if (getOperationAST(args.document, args.operationName)?.operation !== 'query') return undefined;
    return reads.sources({ current: context.request.method === 'GET' }).then((sources) => {
      if (sources) Object.assign(context, contextOver(sources, context.caller));
    });
  },
});
