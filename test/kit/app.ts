import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type GraphQLFormattedError, print } from 'graphql';
import type { PoolConfig } from 'pg';
import { type App, createApp } from '../../src/app.js';
import type { AppOptions } from '../../src/application/options.js';
import { type Caller, operatorOf } from '../../src/auth/caller.js';
import type { Scope } from '../../src/auth/scopes.js';
import { type Database, openDatabase } from '../../src/db/database.js';
import { newId } from '../../src/db/ids.js';
import { createLog, type Log } from '../../src/lib/process/log.js';
import { memoryStorage } from '../../src/lib/storage/memory.js';
import { openFiles } from '../../src/modules/file/files.js';
import type { CreateWorkspaceInput } from '../../src/modules/workspace/workspace.service.js';
import { createServices, type Services } from '../../src/services.js';
import { borrowDatabase, patient } from './lent-database.js';
import { explain } from './send.js';

/** The whole application over the database of the run, called as a client calls it. */
export interface TestApp {
  app: App;
  database: Database;
  services: Services;
  /** A workspace that no other test knows, with revenue tracking and a key that may do everything. */
  createDesk(name?: string, workspace?: Partial<CreateWorkspaceInput>): Promise<Desk>;
  /** A client of a workspace with a key of its own. */
  deskOf(workspaceId: string, key: string): Desk;
  close(): Promise<void>;
}

/** A workspace and what a client holds of it. */
export interface Desk {
  workspaceId: string;
  /** The operator, for preparing a story with the services. */
  operator: Caller;
  key: string;
  /** Sends an operation with the key and answers its data; fails the test, showing the answer, on any error. */
  run<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables?: Variables): Promise<Data>;
  /** The errors that an operation answers with; fails the test when there are none. */
  fail<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables?: unknown,
  ): Promise<GraphQLFormattedError[]>;
  /** Another client of the same workspace, with fewer scopes. */
  withScopes(...scopes: Scope[]): Promise<Desk>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: { data?: unknown; errors?: GraphQLFormattedError[] };
}

export interface TestAppOptions extends Omit<Partial<AppOptions>, 'database' | 'log'> {
  /** Where the database is; that of the run when left out. */
  connection?: PoolConfig;
  /** Nothing is logged when it is left out. */
  log?: Log;
}

export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { connection, log = createLog('silent'), files = {}, ...others } = options;
  const database = connection ? openDatabase(connection, patient) : borrowDatabase();
  // Where the application finds what is stored by the services of the test, too.
  const stored = { storage: memoryStorage(), ...files };
  const services = createServices(database, { files: openFiles(database, stored) });
  const app = await createApp({ database, log, files: stored, ...others });

  const deskOf = (workspaceId: string, key: string): Desk => ({
    workspaceId,
    key,
    operator: operatorOf(workspaceId),
    async run(document, variables) {
      const { body } = await post(app, document, variables, key);
      if (body.errors || !body.data) throw new Error(explain(document, variables, body));
      return body.data as never;
    },
    async fail(document, variables) {
      const { body } = await post(app, document, variables, key);
      if (!body.errors) throw new Error(explain(document, variables, body));
      return body.errors;
    },
    async withScopes(...scopes) {
      const other = await services.apiKeys.create({ workspaceId, kind: 'API_USER', scopes });
      return deskOf(workspaceId, other.key);
    },
  });

  return {
    app,
    database,
    services,
    deskOf,
    async createDesk(name = 'Test desk', workspace = {}) {
      const workspaceId = newId('Workspace');
      await services.workspaces.create({ id: workspaceId, name, entitlements: ['REVENUE_TRACKING'], ...workspace });
      const { key } = await services.apiKeys.create({ workspaceId, kind: 'API_USER' });
      return deskOf(workspaceId, key);
    },
    async close() {
      await app.close();
      await database.close();
    },
  };
}

/** Sends an operation as a client would: through HTTP parsing, authentication, validation and the executor. */
export async function post(
  { graphql }: App,
  document: DocumentNode | string,
  variables: unknown,
  key?: string,
  operationName?: string,
): Promise<Answer> {
  const response = await graphql.fetch('http://deskgraph.test/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      query: typeof document === 'string' ? document : print(document),
      variables,
      operationName,
    }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}
