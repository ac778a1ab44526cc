import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../kit/temporary.js';

const compiler = createRequire(import.meta.url).resolve('relay-compiler/cli.js');

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => rm(directory, { recursive: true }));

/** Compiles the documents of an Inbox component against the committed schema, as Relay's users do. */
async function compile(...documents: string[]) {
  const source = ["import { graphql } from 'react-relay';", ...documents.map((text) => `graphql\`${text}\`;`)];
  const config = {
    src: './src',
    schema: './schema.graphql',
    language: 'typescript',
    artifactDirectory: './artifacts',
    customScalarTypes: { DateTime: 'string', BigInt: 'string | number', JSONObject: 'unknown' },
  };
  await mkdir(join(directory, 'src'));
  await mkdir(join(directory, 'artifacts'));
  await copyFile('schema.graphql', join(directory, 'schema.graphql'));
  await writeFile(join(directory, 'src/Inbox.tsx'), source.join('\n'));
  await writeFile(join(directory, 'relay.config.json'), JSON.stringify(config));

  const { code, output } = await run(process.execPath, [compiler, '--noWatchman', 'relay.config.json']);
  return { code, output, artifacts: (await readdir(join(directory, 'artifacts'))).sort() };
}

const run = (command: string, args: string[]) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = execFile(command, args, { cwd: directory }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });

const artifact = (name: string): Promise<string> => readFile(join(directory, `artifacts/${name}.graphql.ts`), 'utf8');

describe('relay-compiler', () => {
  test('pages through the inbox on Query, both ways', async () => {
    const { code, output, artifacts } = await compile(
      `query InboxQuery($count: Int!, $cursor: String) { ...Inbox_query @arguments(count: $count, cursor: $cursor) }`,
      `fragment Inbox_query on Query
        @refetchable(queryName: "InboxPageQuery")
        @argumentDefinitions(
          count: { type: "Int" }, cursor: { type: "String" },
          countBefore: { type: "Int" }, cursorBefore: { type: "String" }
        ) {
        conversations(first: $count, after: $cursor, last: $countBefore, before: $cursorBefore)
          @connection(key: "Inbox_conversations") {
          edges { node { id subject lastMessageAt contact { name } assignee { name } } }
        }
      }`,
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(artifacts).toEqual(['InboxPageQuery.graphql.ts', 'InboxQuery.graphql.ts', 'Inbox_query.graphql.ts']);
    expect(await artifact('Inbox_query')).toMatch(/"direction": "bidirectional"/);
  });

  test('refetches one conversation by its id, and the messages in it page by page', async () => {
    const { code, output, artifacts } = await compile(
      `fragment Inbox_conversation on Conversation
        @refetchable(queryName: "InboxConversationQuery")
        @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
        subject
        messages(last: $count, before: $cursor) @connection(key: "Inbox_messages") {
          edges { node { preview sentAt author { name } } }
        }
      }`,
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(artifacts).toEqual(['InboxConversationQuery.graphql.ts', 'Inbox_conversation.graphql.ts']);
    expect(await artifact('InboxConversationQuery')).toMatch(/node\(id: \$id\)/);
  });

  test('refetches who is calling', async () => {
    const { code, output, artifacts } = await compile(
      `fragment Inbox_viewer on Viewer @refetchable(queryName: "InboxViewerQuery") { scopes workspace { name } }`,
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(artifacts).toEqual(['InboxViewerQuery.graphql.ts', 'Inbox_viewer.graphql.ts']);
  });

  test('puts a started conversation at the top of the inbox', async () => {
    const { code, output, artifacts } = await compile(
      `mutation InboxStartMutation($input: StartConversationInput!, $connections: [ID!]!) {
        startConversation(input: $input) {
          conversation @prependNode(connections: $connections, edgeTypeName: "ConversationEdge") { id subject }
          userErrors { message path }
        }
      }`,
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(artifacts).toEqual(['InboxStartMutation.graphql.ts']);
  });

  test('refuses what the schema has not', async () => {
    const { code, output, artifacts } = await compile(`query InboxQuery { conversations { nodes { color } } }`);
    expect(code).not.toBe(0);
    expect(output).toContain('The type `Conversation` has no field `color`');
    expect(artifacts).toEqual([]);
  });
});
