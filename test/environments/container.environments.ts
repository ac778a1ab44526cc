import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readEnvironment } from '../../src/env.js';
import { packageRoot } from '../../src/lib/process/root.js';
import { temporaryDirectory } from '../kit/temporary.js';
import { bareEnvironment } from '../packages/node-versions.js';
import { freePort, startPostgres } from './servers.js';

/**
 * The last stage of the Dockerfile, step by step in a directory of its own, since no image can be had here. The first stage
 * installs and builds as the clone that runs this test was installed and built.
 */

const execute = promisify(execFile);

interface Step {
  keyword: string;
  text: string;
}

const stages: Step[][] = readFileSync(join(packageRoot, 'Dockerfile'), 'utf8')
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((stage) =>
    stage
      .split('\n')
      .filter((line) => /^[A-Z]+ /.test(line))
      .map((line) => ({ keyword: line.slice(0, line.indexOf(' ')), text: line.slice(line.indexOf(' ') + 1) })),
  );
const last = stages.at(-1) ?? [];
const textsOf = (keyword: string, steps = last) =>
  steps.filter((step) => step.keyword === keyword).map(({ text }) => text);
const jsonOf = (keyword: string): string[] => JSON.parse(/\[.*\]$/.exec(textsOf(keyword)[0] ?? '')?.[0] ?? '');
/** A cache is Docker's own. */
const commandOf = (text: string) => text.replace(/^--mount=\S+ /, '');

/** Not root, as in the image. */
const nobody = { uid: 65_534, gid: 65_534 };

let root: string;
let app: string;
let data: string;

beforeAll(async () => {
  root = await temporaryDirectory();
  chmodSync(root, 0o755);
  app = join(root, 'app');
  data = join(root, 'data');
  mkdirSync(app);
  for (const { keyword, text } of last) {
    if (keyword === 'COPY') copy(text);
    if (keyword === 'RUN') await runStep(commandOf(text));
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

function copy(text: string): void {
  const [, stage, names = ''] = /^(--from=build )?(.*)$/.exec(text) ?? [];
  const paths = names.split(' ');
  const target = join(app, paths.pop() ?? '');
  for (const path of paths) {
    const source = stage ? path.replace(/^\/build\//, '') : path;
    cpSync(join(packageRoot, source), target === join(app, '/') ? join(app, source) : target, { recursive: true });
  }
}

async function runStep(command: string): Promise<void> {
  if (command === 'install --directory --owner=node --group=node /data') {
    await mkdir(data);
    return chown(data, nobody.uid, nobody.gid);
  }
  await execute('sh', ['-c', `${command} --prefer-offline`], { cwd: app, env: bareEnvironment() });
}

test('the first stage builds as this clone was built', () => {
  const [first] = stages;
  expect(textsOf('RUN', first).map(commandOf)).toEqual(['npm ci', 'npm run build']);
  const ignored = readFileSync(join(packageRoot, '.dockerignore'), 'utf8').trim().split('\n');
  for (const name of ['src', 'prisma', 'scripts', 'docs', 'packages', 'examples', 'schema.graphql', 'package.json']) {
    expect(ignored).not.toContain(name);
  }
});

test('serves as a user who may write nothing but the data, answers the health check, and ends at SIGTERM', async () => {
  const port = await freePort();
  expect(textsOf('USER')).toEqual(['node']);
  const settings = Object.fromEntries((textsOf('ENV')[0] ?? '').split(' ').map((pair) => pair.split('=')));
  const env = {
    ...settings,
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: data,
    TMPDIR: data,
  };
  const [program = '', ...args] = [...jsonOf('ENTRYPOINT'), ...jsonOf('CMD')];
  const gateway = spawn(program, args, { cwd: app, env, ...nobody, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  gateway.stdout.on('data', (chunk) => (printed += chunk));
  await expect.poll(() => printed).toContain('Deskgraph serves');
  const [check = '', ...checked] = jsonOf('HEALTHCHECK');
  await execute(check, checked, { env });
  expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200);
  expect(await (await fetch(`http://127.0.0.1:${port}/docs`)).text()).toContain('Deskgraph');
  await expect(execute('touch', [join(app, 'dist/written')], nobody)).rejects.toThrow(/Permission denied|Read-only/);
  gateway.kill('SIGTERM');
  expect(await once(gateway, 'exit')).toEqual([0, null]);
  await expect(execute(check, checked, { env })).rejects.toThrow();
});

test('the same install serves on an own PostgreSQL, with a workspace that the commands of the documents make', async () => {
  cpSync(join(packageRoot, 'scripts'), join(app, 'scripts'), { recursive: true });
  const server = await startPostgres();
  const port = await freePort();
  const env = { PATH: process.env.PATH, NODE_ENV: 'production', DATABASE_URL: server.url, PORT: String(port) };
  const inApp = { cwd: app, env };
  const [, production = ''] =
    /^```sh not-run: installs and builds anew\n(.*?)^```$/ms.exec(document('operation')) ?? [];
  expect(production.trim().split('\n').at(-1)).toBe('NODE_ENV=production npm start');
  const gateway = spawn('npm', ['start'], { ...inApp, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  gateway.stdout.on('data', (chunk) => (printed += chunk));
  await expect.poll(() => printed).toContain('Deskgraph serves');

  const [, commands = ''] = /^```sh\n(npm run -s cli -- workspace create .*?)^```$/ms.exec(document('start')) ?? [];
  const { stdout } = await execute('sh', ['-ec', commands], inApp);
  const [key = ''] = /ts_sk_live_\w+/.exec(stdout) ?? [];
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { workspace { name timezone } } agents { nodes { name } } }' }),
  });
  expect(await answer.json()).toEqual({
    data: {
      viewer: { workspace: { name: 'Acme', timezone: 'Europe/Berlin' } },
      agents: { nodes: [{ name: 'Ada Moreno' }] },
    },
  });
  gateway.kill('SIGTERM');
  await once(gateway, 'exit');
  await server.stop();
});

const document = (name: string) => readFileSync(join(packageRoot, `docs/${name}.md`), 'utf8');

test('compose.yaml gives the gateway settings that it takes', () => {
  const { services } = parse(readFileSync(join(packageRoot, 'compose.yaml'), 'utf8'));
  expect(Object.keys(services)).toEqual(['gateway', 'postgres', 'redis', 'mail']);
  expect(readEnvironment(services.gateway.environment)).toMatchObject({ redisUrl: 'redis://redis:6379' });
});
