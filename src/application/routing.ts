import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SchemaFiles } from '../graphql/http/schema-files.js';
import type { GraphqlServer } from '../graphql/http/server.js';
import type { InboundEmail } from '../inbound/email.js';
import type { FileEndpoint } from '../inbound/files.js';
import type { LeakedKeys } from '../inbound/leaked-keys.js';
import { belowBase, originForm, withoutSlash } from '../lib/http/request-target.js';
import type { Pages } from '../pages/pages.js';
import type { Rest } from '../rest/server.js';
import type { Operations } from './operations.js';

/** The parts of the application that answer requests. */
export interface Parts {
  operations: Operations;
  inboundEmail: InboundEmail;
  leakedKeys: LeakedKeys;
  fileEndpoint: FileEndpoint;
  schemaFiles: SchemaFiles;
  pages: Pages;
  rest: Rest;
  graphql: GraphqlServer;
}

/** The paths other than those of pages, REST, files and operators. */
const fixedPaths: ReadonlySet<string> = new Set(['/graphql', '/inbound/email', '/leaked-keys']);
export const unknownRoute = '/*';

/** Removes the base path from the URL of the request. Returns false, and changes nothing, for a path outside of it. */
export function placeBelow(request: IncomingMessage, basePath: string): boolean {
  const target = withoutSlash(originForm(request.url));
  const below = belowBase(target, basePath);
  request.url = below ?? target;
  return below !== undefined;
}

/** Passes each request to the part that its path belongs to. */
export function createRouting(parts: Parts) {
  const { operations, inboundEmail, leakedKeys, fileEndpoint, schemaFiles, pages, rest, graphql } = parts;
  return {
    /** The pattern of a path, for logs and metrics. REST routes note their own patterns. */
    routeOf: (path: string): string =>
      fixedPaths.has(path) || [operations, pages, schemaFiles].some((part) => part.handles(path))
        ? path
        : (fileEndpoint.routeOf(path) ?? unknownRoute),

    answer(path: string, request: IncomingMessage, response: ServerResponse): void {
      if (operations.handle(path, request, response)) return;
      if (path === '/inbound/email') return void inboundEmail.answer(request, response);
      if (path === '/leaked-keys') return void leakedKeys.answer(request, response);
      if (fileEndpoint.routeOf(path) !== undefined) return void fileEndpoint.answer(path, request, response);
      if (schemaFiles.handles(path)) return void schemaFiles.answer(path, request, response);
      if (pages.handles(path)) return void pages.answer(request, response);
      if (rest.handles(path)) return void rest.answer(request, response);
      // The GraphQL server builds a URL from the host and the path, and its error for an invalid one would reveal
      // internals.
      if (!URL.canParse(`http://${request.headers.host ?? 'localhost'}${request.url}`)) {
        return void response.writeHead(400).end();
      }
      // HEAD is handled like GET. Node leaves out the body of the response.
      if (request.method === 'HEAD') request.method = 'GET';
      void graphql(request, response);
    },
  };
}
