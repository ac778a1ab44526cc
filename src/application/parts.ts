import { createSchemaFiles } from '../graphql/http/schema-files.js';
import { createInboundEmail } from '../inbound/email.js';
import { createFileEndpoint } from '../inbound/files.js';
import { createLeakedKeys } from '../inbound/leaked-keys.js';
import type { SenderOf } from '../lib/http/sender.js';
import { createPages } from '../pages/pages.js';
import { createRest } from '../rest/server.js';
import type { Domain } from './domain.js';
import type { Graph } from './graph.js';
import { createOperations } from './operations.js';
import type { AppSettings } from './options.js';
import type { Parts } from './routing.js';

/**
 * Creates the parts that answer requests: the graph, the REST shim, inbound e-mail, files, pages, and the endpoints for
 * operators.
 */
export function createParts(settings: AppSettings, domain: Domain, graph: Graph, senderOf: SenderOf): Parts {
  const { database, replicas, log, limits, introspection, graphiql, basePath, leakedKeysPublicKey } = settings;
  const { services, feed } = domain;
  const { graphql, schema, contextOf, budget, openSession, sockets } = graph;
  const inbound = { services, senderOf, log };
  const signature = leakedKeysPublicKey === undefined ? {} : { publicKey: leakedKeysPublicKey };
  const rest = createRest({ basePath, openSession, senderOf, log, maxBodyBytes: limits.maxBodyBytes });
  return {
    graphql,
    rest,
    operations: createOperations({
      database,
      replicas,
      feed,
      sockets: sockets.connections,
      log,
      ...settings.operators,
    }),
    inboundEmail: createInboundEmail({ ...inbound, maxBytes: limits.maxMailBytes }),
    fileEndpoint: createFileEndpoint({ ...inbound, budget, maxBytes: limits.maxUploadBytes }),
    leakedKeys: createLeakedKeys({ ...inbound, ...signature }),
    pages: createPages({ basePath, describe: rest.describe, graphiql, hasSchema: introspection !== 'off', log }),
    schemaFiles: createSchemaFiles({ schema, contextOf, senderOf, introspection, log }),
  };
}
