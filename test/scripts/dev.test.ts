import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../kit/temporary.js';

/** A clone whose tools are stand-ins: the compiler copies src/main.ts, unless it says "broken". */
let root: string;
let dev: ChildProcess;
let printed: string;

beforeEach(async () => {
  root = await temporaryDirectory();
  cpSync('scripts', join(root, 'scripts'), { recursive: true });
  write('package.json', '{"type":"module"}');
  write('package-lock.json', '{"packages":{"":{}}}');
  write('node_modules/.package-lock.json', '{"packages":{}}');
  mkdirSync(join(root, 'prisma'));
  for (const name of ['prisma', 'graphql-codegen', 'rolldown', 'vitepress']) writeTool(name, 'exit 0');
  writeTool(
    'tsc',
    'mkdir -p dist/src; cp src/main.ts dist/src/main.js; if grep -q broken src/main.ts; then echo It is broken.; exit 1; fi',
  );
  for (const output of ['src/generated/prisma/client.ts', 'src/generated/pothos.ts', 'test/generated/gql.ts']) {
    write(output, '');
  }
  for (const name of ['documents', 'pages']) write(`src/generated/${name}/graphql.ts`, '');
  for (const output of ['analytics.js', 'reference.js', 'scalar.js', 'graphiql.js']) write(`dist/pages/${output}`, '');
  write('dist/site/index.html', '');
});

afterEach(async () => {
  if (dev.exitCode === null) {
    dev.kill('SIGTERM');
    await once(dev, 'exit');
  }
  rmSync(root, { recursive: true, force: true });
});

describe('npm run dev', () => {
  it('goes on with the gateway of the last good build, and says what fails', async () => {
    write('src/main.ts', gateway('first'));
    start();
    await expect.poll(() => printed).toContain('Serving first.');
    write('src/main.ts', 'broken');
    await expect.poll(() => printed).toMatch(/It is broken\.\n[\s\S]*The gateway goes on as it was\.\n/);
    expect(printed).not.toContain('ended');
    // Even the text of the last good build is compiled again: the failing one has left something else.
    write('src/main.ts', gateway('first'));
    await expect.poll(() => printed).toMatch(/as it was\.\n[\s\S]*Serving first\.\n/);
    expect(readFileSync(join(root, 'dist/src/main.js'), 'utf8')).toBe(gateway('first'));
  });

  it('waits for the change that mends the first build', async () => {
    write('src/main.ts', 'broken');
    start();
    await expect.poll(() => printed).toContain('The gateway starts after the next change.\n');
    write('src/main.ts', gateway('second'));
    await expect.poll(() => printed).toContain('Serving second.');
    dev.kill('SIGINT');
    expect(await once(dev, 'exit')).toEqual([7, null]);
  });
});

/** Ends with 7 when it is told to. */
const gateway = (name: string): string =>
  `process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('Serving ${name}.');\n`;

function start(): void {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'dev'], { cwd: root });
  printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (printed += chunk));
  dev = child;
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function writeTool(name: string, script: string): void {
  write(`node_modules/.bin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, 'node_modules/.bin', name), 0o755);
}
