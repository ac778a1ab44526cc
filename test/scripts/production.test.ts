import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

type Packages = Record<string, { version: string; dev?: true; optional?: true }>;

const production: Packages = { 'node_modules/yoga': { version: '5.0.0' } };
const development: Packages = { 'node_modules/tsc': { version: '7.0.0', dev: true } };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'production-'));
  cpSync('scripts', join(root, 'scripts'), { recursive: true });
  write('package-lock.json', lockOf({ ...production, ...development }));
  // Tells what npm was asked for, and does nothing.
  write('bin/npm', '#!/bin/sh\necho "$@" > "$(dirname "$0")/asked"\nexit 1\n');
  chmodSync(join(root, 'bin/npm'), 0o755);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('npm start in a production install', () => {
  it('starts what was built and leaves the packages as they are', () => {
    write('node_modules/.package-lock.json', lockOf(production));
    writeBuild();
    expect(start()).toMatchObject({ status: 0, stdout: 'started\n', stderr: '' });
    expect(existsSync(join(root, 'bin/asked'))).toBe(false);
  });

  it('names the package that is missing', () => {
    write('node_modules/.package-lock.json', lockOf({ 'node_modules/other': { version: '1.0.0' } }));
    writeBuild();
    expect(start()).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'node_modules lacks yoga. Install again with: npm ci --omit=dev\n',
    });
    expect(existsSync(join(root, 'bin/asked'))).toBe(false);
  });

  it('says how to build where nothing was built', () => {
    write('node_modules/.package-lock.json', lockOf(production));
    expect(start()).toMatchObject({
      status: 1,
      stderr:
        'This install has no development packages, and dist/src/main.js is not built. Build with: npm ci && npm run build && npm prune --omit=dev\n',
    });
  });

  it('installs nothing over packages of another version', () => {
    write('node_modules/.package-lock.json', lockOf({ 'node_modules/yoga': { version: '4.0.0' }, ...development }));
    expect(start()).toMatchObject({
      status: 1,
      stderr:
        'node_modules lacks yoga, and nothing is installed over it where NODE_ENV is production. Install with: npm ci --include=dev\n',
    });
    expect(existsSync(join(root, 'bin/asked'))).toBe(false);
  });
});

function start() {
  const { npm_execpath: _npm, ...env } = process.env;
  return spawnSync(process.execPath, ['scripts/run.mjs', 'start'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...env, NODE_ENV: 'production', PATH: `${join(root, 'bin')}:${env.PATH}` },
  });
}

function write(name: string, text: string) {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function writeBuild() {
  write('package.json', '{"type":"module"}');
  write('dist/src/main.js', "console.log('started');\n");
  write('dist/src/cli/main.js', '');
  write('dist/pages/analytics.js', '');
  write('dist/site/index.html', '');
}

const lockOf = (packages: Packages) => JSON.stringify({ packages: { '': {}, ...packages } });
