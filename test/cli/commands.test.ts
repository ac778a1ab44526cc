import { expect, test } from 'vitest';
import { hashApiKey, isApiKey } from '../../src/auth/api-key.js';
import { newWorkspace, query, run, runJson } from './run.js';

test('a workspace is created as it is described', async () => {
  const id = `wrk_made_${Date.now()}`;
  const options = ['--name', 'Acme', '--timezone', 'Europe/Berlin', '--currency', 'EUR', '--default-country', 'DE'];
  const uuid = crypto.randomUUID();
  const entitled = ['--entitlement', 'revenue-tracking', '--attribution-model', 'linear', '--attribution-days', '7'];
  expect(await runJson(['workspace', 'create', '--id', id, '--uuid', uuid, ...options, ...entitled])).toEqual({
    id,
    uuid,
    name: 'Acme',
    timezone: 'Europe/Berlin',
    currency: 'EUR',
    defaultCountry: 'DE',
    entitlements: ['REVENUE_TRACKING'],
    attributionModel: 'LINEAR',
    attributionWindowDays: 7,
    showsNumberInSubjects: false,
    eventRetentionDays: null,
    createdAt: expect.any(String),
  });
});

test('what cannot be used is refused with one line that names it', async () => {
  const id = await newWorkspace();
  const refusals: [args: string[], code: number, reason: RegExp][] = [
    [['workspace', 'create', '--id', 'acme'], 2, /^id: Must be wrk_/],
    [['workspace', 'create', '--timezone', 'Mars'], 2, /^timezone: Must be an IANA time zone/],
    [['workspace', 'create', '--timezone', 'US/Pacific-New'], 2, /^timezone: Must be an? /],
    [['workspace', 'create', '--currency', 'QQQ'], 2, /^currency: QQQ is no ISO 4217 code/],
    [['workspace', 'create', '--currency', 'euro'], 2, /^currency: Must be an ISO 4217 code/],
    [['workspace', 'create', '--default-country', 'de'], 2, /^defaultCountry: Must be an ISO 3166 code/],
    [['workspace', 'create', '--entitlement', 'gold'], 2, /gold.*Allowed choices are revenue-tracking/],
    [['workspace', 'create', '--attribution-days', 'x'], 2, /^attributionWindowDays: /],
    [['workspace', 'create', '--attribution-days', '366'], 2, /^attributionWindowDays: Must be from 1 to 365/],
    [['workspace', 'create', '--id', id], 1, /^id: A workspace has this id or uuid/],
    [['workspace', 'create', '--nmae', 'x'], 2, /unknown option '--nmae' \(Did you mean --name\?\)/],
    [['keys', 'create', '--workspace', id], 2, /--kind/],
    [['keys', 'create', '--workspace', id, '--kind', 'robot'], 2, /Allowed choices are api_user, user/],
    [['keys', 'create', '--workspace', id, '--kind', 'user'], 2, /^agent: A user key needs an agent/],
    [
      ['keys', 'create', '--workspace', id, '--kind', 'api_user', '--scope', 'all'],
      2,
      /Allowed choices are customers:read/,
    ],
    [['keys', 'create', '--workspace', id, '--kind', 'api_user', '--expires', 'soon'], 2, /ISO 8601/],
    [
      ['keys', 'create', '--workspace', id, '--kind', 'api_user', '--expires', '2020-01-01'],
      2,
      /Must be in the future/,
    ],
    [['keys', 'create', '--workspace', 'wrk_none', '--kind', 'api_user'], 2, /^workspace: Workspace not found/],
    [['keys', 'list', '--workspace', 'wrk_none'], 2, /^workspace: Workspace not found/],
    [['keys', 'revoke', '--workspace', id, '--id', 'key_none'], 2, /^id: API key not found/],
    [['agents', 'create', '--workspace', id, '--name', 'Ada', '--email', 'ada'], 2, /^email: Invalid email/],
    [
      ['agents', 'create', '--workspace', 'wrk_none', '--name', 'Ada', '--email', 'ada@desk.test'],
      2,
      /^workspace: Workspace not found/,
    ],
    [['agents', 'list', '--workspace', 'wrk_none'], 2, /^workspace: Workspace not found/],
    [['exprot'], 2, /unknown command/],
  ];
  for (const [args, code, reason] of refusals) {
    const result = await run(args);
    expect({ args, code: result.code, out: result.out }).toEqual({ args, code, out: '' });
    expect(result.err).toMatch(reason);
    expect(result.err.split('\n')).toHaveLength(2);
  }
});

test('a key is shown once and never listed; a revoked one says so', async () => {
  const workspace = await newWorkspace();
  const scoped = ['--scope', 'customers:read', '--scope', 'conversations:read'];
  const create = ['keys', 'create', '--workspace', workspace, '--kind', 'api_user'];
  const made = await runJson([...create, ...scoped, '--format', 'sk_live', '--name', 'CRM', '--expires', '2999-01-31']);
  const { id, key } = made as { id: string; key: string };
  expect(isApiKey(key)).toBe(true);
  expect(made).toEqual({ id, key: expect.stringMatching(/^sk_live_/) });

  const shown = await run(create);
  expect(shown.out).toMatch(/^id: {2}key_\w+\nkey: ts_sk_live_\w+\n/);

  const before = await runJson(['keys', 'list', '--workspace', workspace]);
  expect(before).toMatchObject([
    { id, name: 'CRM', kind: 'API_USER', prefix: key.slice(0, 12), scopes: ['customers:read', 'conversations:read'] },
    { name: null, expiresAt: null, revokedAt: null },
  ]);
  const listed = await run(['keys', 'list', '--workspace', workspace]);
  for (const secret of [key, hashApiKey(key)]) expect(JSON.stringify(before) + listed.out).not.toContain(secret);

  await runJson(['keys', 'revoke', '--workspace', workspace, '--id', id]);
  const after = await run(['keys', 'list', '--workspace', workspace]);
  expect(after.out.split('\n').map((line) => / (revoked|active) /.exec(line)?.[1])).toEqual([
    undefined,
    'revoked',
    'active',
    undefined,
  ]);
});

test('a key may have limits of its own', async () => {
  const workspace = await newWorkspace();
  const create = ['keys', 'create', '--workspace', workspace, '--kind', 'api_user'];
  await runJson([...create, '--max-cost', '500', '--rate-capacity', '1000', '--rate-restore', '100']);
  expect(await runJson(['keys', 'list', '--workspace', workspace])).toMatchObject([
    { maxCost: 500, rateCapacity: 1_000, rateRestore: 100 },
  ]);
  for (const bad of ['0', '-1', '1.5', 'much']) expect((await run([...create, '--max-cost', bad])).code).toBe(2);
});

test('an agent is created, listed, and may hold a key', async () => {
  const workspace = await newWorkspace();
  const create = ['agents', 'create', '--workspace', workspace, '--name', 'Ada', '--email', 'ada@desk.test'];
  const ada = await runJson([...create, '--id', 'agt_ada']);
  expect(ada).toMatchObject({ id: 'agt_ada', name: 'Ada', email: 'ada@desk.test' });
  expect(await runJson(['agents', 'list', '--workspace', workspace])).toEqual([ada]);
  expect((await run(create)).code).toBe(1);

  const key = ['keys', 'create', '--workspace', workspace, '--kind', 'user', '--agent', 'agt_ada'];
  const { id } = (await runJson(key)) as { id: string };
  expect(await query('select id, "agentId" from "ApiKey" where "workspaceId" = $1', workspace)).toEqual([
    { id, agentId: 'agt_ada' },
  ]);
});

test('all agents are listed, however many there are', async () => {
  const workspace = await newWorkspace();
  await query(
    `insert into "Agent" ("workspaceId", "id", "name", "email")
      select $1, 'agt_' || n, 'Agent ' || n, n || '@desk.test' from generate_series(1, 203) as n`,
    workspace,
  );
  expect(await runJson(['agents', 'list', '--workspace', workspace])).toHaveLength(203);
});

test('a name cannot speak to the terminal', async () => {
  const workspace = await newWorkspace();
  await runJson(['agents', 'create', '--workspace', workspace, '--name', 'A\u001b[2Jda', '--email', 'a@desk.test']);
  expect((await run(['agents', 'list', '--workspace', workspace])).out).toContain('A [2Jda');
});

test('migrate and seed do nothing where all is done', async () => {
  await newWorkspace();
  expect(await runJson(['migrate'])).toEqual({ applied: [] });
  expect((await run(['migrate'])).out).toBe('The database is up to date.\n');
  expect(await runJson(['seed'])).toEqual({ seeded: false });
});

test('every command explains itself', async () => {
  const commands = ['workspace create', 'keys create', 'keys list', 'keys revoke', 'agents create', 'agents list'];
  const bulk = ['import conversations', 'import customers', 'export conversations', 'export customers'];
  const revenue = ['purchases', 'conversions', 'clicks', 'links', 'campaigns'].map((name) => `export ${name}`);
  for (const command of [...commands, ...bulk, ...revenue, 'migrate', 'seed']) {
    const { code, out, err } = await run([...command.split(' '), '--help']);
    expect({ command, code, err }).toEqual({ command, code: 0, err: '' });
    expect(out).toContain('--json');
  }
});
