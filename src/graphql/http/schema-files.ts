import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GraphQLError, type GraphQLSchema, introspectionFromSchema } from 'graphql';
import type { Context } from '../../context.js';
import { AppError } from '../../errors.js';
import { type KeptContent, keepContent } from '../../lib/http/content/kept-content.js';
import { bearerToken, type Sender, type SenderOf } from '../../lib/http/sender.js';
import type { Log } from '../../lib/process/log.js';
import { createMaskError } from '../execution/errors.js';
import type { Introspection } from '../execution/hide-schema.js';
import { sdlWithCosts } from '../schema/printed/costs.js';

/** The schema as files for client tools. */
export interface SchemaFiles {
  handles(path: string): boolean;
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface SchemaFilesOptions {
  schema: GraphQLSchema;
  /** @throws UNAUTHENTICATED */
  contextOf(key: string | undefined, sender?: Sender): Promise<Context>;
  senderOf: SenderOf;
  introspection: Introspection;
  log: Log;
}

interface SchemaFile {
  type: string;
  make(): string;
  content?: KeptContent;
}

/** Created on first use. */
const filesOf = (schema: GraphQLSchema): Readonly<Record<string, SchemaFile>> => ({
  '/schema.graphql': { type: 'application/graphql; charset=utf-8', make: () => sdlWithCosts(schema) },
  '/schema.json': {
    type: 'application/json; charset=utf-8',
    make: () => JSON.stringify({ data: introspectionFromSchema(schema, { inputValueDeprecation: true, oneOf: true }) }),
  },
});

const headers = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

export function createSchemaFiles({
  schema,
  contextOf,
  senderOf,
  introspection,
  log,
}: SchemaFilesOptions): SchemaFiles {
  const mask = createMaskError(log);
  const files = filesOf(schema);
  const isPublic = introspection === 'public';
  const shown = { ...headers, 'Cache-Control': isPublic ? 'no-cache' : 'private, no-cache' };

  /** @throws UNAUTHENTICATED, FORBIDDEN for a key that may not run introspection */
  const admit = async (request: IncomingMessage): Promise<void> => {
    const { caller } = await contextOf(bearerToken(request.headers.authorization), senderOf(request));
    if (caller.onlyTrustedDocuments) throw new AppError('FORBIDDEN', 'This key runs trusted documents alone.');
  };
  return {
    handles: (path) => introspection !== 'off' && Object.hasOwn(files, path),

    async answer(path, request, response) {
      const file = files[path];
      const { method, headers: asked } = request;
      if (!file) return void response.writeHead(404).end();
      if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      try {
        if (!isPublic) await admit(request);
        file.content ??= keepContent(new TextEncoder().encode(file.make()));
        const { headers: known, body } = await file.content.answer({
          ifNoneMatch: asked['if-none-match'],
          acceptEncoding: asked['accept-encoding'],
        });
        if (!body) return void response.writeHead(304, { ...shown, ...known }).end();
        const ofBody = { 'Content-Type': file.type, 'Content-Length': body.length };
        response.writeHead(200, { ...shown, ...known, ...ofBody }).end(body);
      } catch (error) {
        refuse(response, mask(error));
      }
    },
  };
}

function refuse(response: ServerResponse, { message, extensions }: GraphQLError): void {
  const { http, ...told } = extensions;
  const { status = extensions.code === 'FORBIDDEN' ? 403 : 500, headers: more } = (http ?? {}) as {
    status?: number;
    headers?: Record<string, string>;
  };
  const all = { ...headers, 'Cache-Control': 'no-store', 'Content-Type': 'application/json; charset=utf-8', ...more };
  response.writeHead(status, all).end(JSON.stringify({ errors: [{ message, extensions: told }] }));
}
