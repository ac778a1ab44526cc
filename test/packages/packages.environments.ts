import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import { graphql } from '../generated/gql.js';
import { subscribe, transports } from '../kit/followers.js';
import { type Gateway, kill, startGateway } from '../kit/gateway.js';
import { mail, postMail } from '../kit/mail.js';
import { sendTo } from '../kit/send.js';
import { temporaryDirectory } from '../kit/temporary.js';
import { Node, nodeVersions, oldest } from './node-versions.js';
import { createProject, pack } from './project.js';

/** What is published, as who installs it into an empty project finds it, on each Node.js that is taken. */

const execute = promisify(execFile);
const tsc = join(packageRoot, 'node_modules/.bin/tsc');
const deskgraph = 'node_modules/.bin/deskgraph';

let directory: string;
/** Installed on the oldest Node.js; none of the packages is another one on a later line. */
let project: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  project = join(directory, 'project');
  const tarballs = await pack(join(directory, 'packed'));
  await createProject(project, tarballs, await Node.fetch(oldest, join(directory, 'oldest')));
});
afterAll(() => rm(directory, { recursive: true, maxRetries: 20 }));

const startPacked = graphql(`
  mutation StartPacked($input: StartConversationInput!) {
    startConversation(input: $input) { conversation { databaseId } userErrors { message } }
  }
`);
const packedChanges = graphql(`
  subscription PackedChanges { conversationChanged { conversation { subject } } }
`);
const packedInbox = graphql(`
  query PackedInbox { conversations(first: 1) { nodes { subject messages(first: 1) { nodes { text } } } } }
`);

describe.each(nodeVersions)('on Node.js %s', (version) => {
  let node: Node;
  let gateway: Gateway;
  let key: string;

  beforeAll(async () => {
    node = await Node.fetch(version, join(directory, version));
    gateway = await startGateway(node.environment, {
      directory: project,
      program: node.program,
      script: [deskgraph, 'start'],
    });
  });
  afterAll(async () => {
    await kill(gateway);
    await rm(join(project, '.data'), { recursive: true, maxRetries: 20 });
  });

  const endpoint = () => `${gateway.url}/graphql`;

  test('npx deskgraph start serves the pages, with its data in the project', async () => {
    expect(await node.run(project, '--version')).toBe(`v${version}\n`);
    await expect.poll(gateway.out, { timeout: 280_000 }).toContain(endpoint());
    [, key = ''] = /demo key of an integration: (\S+)/.exec(gateway.out()) ?? [];
    for (const page of ['/ready', '/docs/start', '/docs/rest-reference', '/analytics', '/pages/graphiql.js']) {
      expect([page, (await fetch(`${gateway.url}${page}`)).status]).toEqual([page, 200]);
    }
    expect(gateway.out()).toContain('npx deskgraph keys create');
    expect(existsSync(join(project, '.data/postgres'))).toBe(true);
  });

  test.each(transports)('a mutation is told to who follows over %s', async (transport) => {
    const followed = subscribe({ endpoint: endpoint(), key, transport }, packedChanges, {});
    const input = { email: `${transport}@example.com`, subject: `By ${transport}`, text: 'Hello' };
    // The subscription begins a moment after it was asked for.
    await expect
      .poll(async () => {
        const { startConversation } = await sendTo(endpoint(), key, startPacked, { input });
        expect(startConversation.userErrors).toEqual([]);
        return followed.told;
      })
      .toContainEqual({ conversationChanged: { conversation: { subject: input.subject } } });
    followed.leave();
  });

  test('a mail becomes a message, whose author REST knows', async () => {
    const raw = mail(
      { To: 'support@acme.example', Subject: 'Packed mail', 'Message-ID': `<${version}@example.com>` },
      'By mail',
    );
    const { status, body } = await postMail({ origin: gateway.url }, { key }, raw);
    expect(status).toBe(201);
    const found = await sendTo(endpoint(), key, packedInbox, {});
    expect(found).toMatchObject({
      conversations: { nodes: [{ subject: 'Packed mail', messages: { nodes: [{ text: 'By mail' }] } }] },
    });
    const answer = await fetch(`${gateway.url}/v1/customers/${body.contactId}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { id: body.contactId, email: 'jane@example.com' },
    ]);
  });

  test('the commands import, export and back up', async () => {
    const into = ['--workspace=wrk_demo', '--json'];
    writeFileSync(join(project, 'people.csv'), 'externalId,email\nusr_csv,csv@example.com\n');
    const imported = await node.run(project, deskgraph, 'import', 'customers', 'people.csv', ...into);
    expect(JSON.parse(imported)).toMatchObject({ customersCreated: 1, failed: 0 });
    await node.run(project, deskgraph, 'export', 'customers', '--output=people.jsonl', ...into);
    expect(readFileSync(join(project, 'people.jsonl'), 'utf8')).toContain('"csv@example.com"');

    const backup = JSON.parse(await node.run(project, deskgraph, 'backup', 'desk.backup', '--json'));
    expect(backup.rows).toBeGreaterThan(500);
  });

  test('both SDKs reach the gateway', async () => {
    const program = `
      import { init } from 'deskgraph/sdk';
      import { init as alone, NotFoundError } from '@deskgraph/sdk';
      import { possibleTypes } from '@deskgraph/schema';
      const [key, baseUrl] = process.argv.slice(2);
      const { id } = await init(key, { baseUrl }).customers.create({ externalId: 'usr_packed', email: 'p@example.com' });
      const found = await alone(key, { baseUrl }).customers.getByExternalId('usr_packed');
      const missing = await alone(key, { baseUrl }).customers.get('ctc_missing').catch((error) => error);
      console.log(found.id === id, missing instanceof NotFoundError, possibleTypes.Node.includes('Conversation'));
    `;
    writeFileSync(join(project, 'program.js'), program);
    expect(await node.run(project, 'program.js', key, gateway.url)).toBe('true true true\n');
  });

  test('it ends cleanly, and has complained of nothing', async () => {
    gateway.process.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    const complaints = gateway
      .err()
      .split('\n')
      .filter((line) => /"level":[456]0|Warning/.test(line));
    expect(complaints).toEqual([]);
  });
});

const manifest = (path: string) =>
  JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
    version: string;
    private: boolean;
    engines?: { node: string };
  };

test('the packages have one version, and take the oldest Node.js that they are tried on', () => {
  const { version } = manifest(packageRoot);
  for (const name of ['deskgraph', '@deskgraph/sdk', '@deskgraph/schema']) {
    const found = manifest(join(project, 'node_modules', name));
    expect([name, found.version, `${found.engines?.node}.0`]).toEqual([name, version, `>=${oldest}`]);
  }
});

test('the types of both packages serve TypeScript', async () => {
  const source = `
    import { possibleTypes, type ConversationFilter, type ConversationStatus, type Customer } from '@deskgraph/schema';
    import introspection from '@deskgraph/schema/introspection.json' with { type: 'json' };
    import { init, type Customer as RestCustomer } from '@deskgraph/sdk';
    import type { TidySupport } from 'deskgraph/sdk';
    export const filter: ConversationFilter = { status: { eq: 'OPEN' satisfies ConversationStatus } };
    export const nameOf = ({ name }: Pick<Customer, 'name'>): string => name ?? 'nobody';
    export const nodes: string[] | undefined = possibleTypes.Node;
    export const query: string = introspection.__schema.queryType.name;
    export const sdk: TidySupport = init('key');
    export const emailOf = ({ email }: RestCustomer): string | null => email;
  `;
  const options = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2023',
    resolveJsonModule: true,
    types: [],
  };
  writeFileSync(join(project, 'use.ts'), source);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
  const { stdout } = await execute(tsc, ['-p', project]).catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
  const wrong = source.replace("'OPEN' satisfies", "'AJAR' satisfies");
  writeFileSync(join(project, 'use.ts'), wrong);
  await expect(execute(tsc, ['-p', project])).rejects.toMatchObject({ stdout: expect.stringContaining('AJAR') });
});

test('the schema is the committed one, in every form', async () => {
  const dist = join(project, 'node_modules/@deskgraph/schema/dist');
  expect(readFileSync(join(dist, 'schema.graphql'), 'utf8')).toBe(
    readFileSync(join(packageRoot, 'schema.graphql'), 'utf8'),
  );
  const { possibleTypes } = (await import(join(dist, 'index.js'))) as { possibleTypes: Record<string, string[]> };
  expect(possibleTypes.Node).toContain('Conversation');
  const { __schema } = JSON.parse(readFileSync(join(dist, 'introspection.json'), 'utf8'));
  expect(__schema.types.length).toBeGreaterThan(100);
});
