import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Gateway, kill, startGateway } from '../../kit/gateway.js';
import { temporaryDirectory } from '../../kit/temporary.js';
import { Node, nodeVersions } from '../../packages/node-versions.js';
import { generators, orvalConfiguration } from './programs.js';

/** Clients that generators make of /openapi.json: they compile strictly, and reach the gateway. */

const packages = [
  'openapi-typescript@7.13.0',
  'openapi-fetch@0.17.0',
  '@hey-api/openapi-ts@0.99.0',
  'orval@8.38.0',
  'typescript@5.9.3',
];

const execute = promisify(execFile);

let gateway: Gateway;
let directory: string;
let project: string;
let node: Node;
let key: string;
let teamId: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  project = join(directory, 'project');
  gateway = await startGateway({ DATA_DIR: join(directory, 'data'), LOG_LEVEL: 'error' });
  // The line of long-term support: the generators want a newer one than the gateway needs.
  const version = nodeVersions.find((one) => one.startsWith('24.')) ?? '';
  node = await Node.fetch(version, join(directory, 'node'));
  await mkdir(project);
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  const options = ['--engine-strict', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await execute('npm', ['install', ...options, ...packages], { cwd: project, env: node.environment });

  await vi.waitFor(() => expect(gateway.out()).toContain('demo key of an integration'), {
    timeout: 120_000,
    interval: 200,
  });
  [, key = ''] = /demo key of an integration: (\S+)/.exec(gateway.out()) ?? [];
  const whoAmI = await fetch(`${gateway.url}/api/v1/auth/whoami`, { headers: { authorization: `Bearer ${key}` } });
  teamId = (await whoAmI.json()).data.teamId;
  const description = await fetch(`${gateway.url}/openapi.json`);
  writeFileSync(join(project, 'openapi.json'), await description.text());
  writeFileSync(join(project, 'orval.config.mjs'), orvalConfiguration(gateway.url));
});
afterAll(async () => {
  await kill(gateway);
  await rm(directory, { recursive: true, maxRetries: 20 });
});

const inProject = (...args: string[]) =>
  execute(node.program, args, { cwd: project, env: node.environment }).catch((error: { stdout: string }) => error);

test.each(generators)(
  '$name makes one that compiles and runs',
  async ({ name, command: [script = '', ...args], program }) => {
    await execute(node.program, [`node_modules/${script}`, ...args], { cwd: project, env: node.environment });
    writeFileSync(join(project, `${name}.ts`), program);
    const compilerOptions = {
      strict: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      skipLibCheck: true,
      target: 'es2023',
      module: 'preserve',
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: [],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
    expect((await inProject('node_modules/typescript/bin/tsc')).stdout).toBe('');

    const bundle = await rolldown({ input: join(project, `${name}.ts`), platform: 'node' });
    await bundle.write({ file: join(project, `${name}.mjs`) });
    await bundle.close();
    const printed = await node.run(project, `${name}.mjs`, gateway.url, key, teamId);
    expect(JSON.parse(printed)).toEqual({
      tidysupport: [expect.stringMatching(/^By /), true, 1, 'Customer not found.'],
      cstar: ['high', 1, 1, 'resource_not_found'],
      linquid: [0, true, 1, 'NOT_FOUND'],
    });
  },
);

test('they have the names that the document gives to its schemas', () => {
  const { components } = JSON.parse(readFileSync(join(project, 'openapi.json'), 'utf8'));
  const made = readFileSync(join(project, 'hey-api/types.gen.ts'), 'utf8');
  const names = Object.keys(components.schemas);
  expect(names.filter((name) => !made.includes(`export type ${name} = `))).toEqual([]);
});
