import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import { type Demo, startDemo } from './demo.js';
import { documents, samplesOf } from './documents.js';

/** The TypeScript samples: the compiler takes each, and those that are marked as programs run against the demo. */

const all = documents.flatMap(({ path, text }) => samplesOf({ path, text }).map((sample) => ({ path, ...sample })));
const samples = all
  .filter(({ language, notRun }) => language === 'ts' && notRun === undefined)
  .map((sample, index) => ({ ...sample, file: sample.fileName ?? `sample-${index + 1}.ts` }));

/** Within the project, so that its packages are found; each document has a folder of its own. */
const directory = join(packageRoot, 'node_modules/.cache/deskgraph/samples');
const folderOf = (path: string): string => join(directory, path.replace(/\W/g, '-'));

const settings = {
  extends: '../../../../tsconfig.json',
  compilerOptions: {
    rootDir: '../../../..',
    noEmit: true,
    lib: ['es2023', 'dom', 'dom.asynciterable'],
    module: 'esnext',
    moduleResolution: 'bundler',
    paths: { 'deskgraph/sdk': ['../../../../src/sdk/index.ts'] },
  },
  include: ['.'],
  exclude: [],
};

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(settings));
  await writeFile(
    join(directory, 'raw.d.ts'),
    `declare module '*?raw' {\n  const text: string;\n  export default text;\n}\n`,
  );
  for (const { path, file, text } of samples) {
    await mkdir(folderOf(path), { recursive: true });
    // Alone, a file without imports would share its names with the others.
    await writeFile(join(folderOf(path), file), `${await demo.fitted(text)}\nexport {};\n`);
  }
});

afterAll(async () => {
  await demo.close();
  await rm(directory, { recursive: true });
});

test('the compiler takes every sample', async () => {
  expect(samples.length).toBeGreaterThan(0);
  const compiler = join(packageRoot, 'node_modules/typescript-compiler/bin/tsc');
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [compiler, '-p', directory], (_error, out, err) => resolve(out + err));
  });
  expect(output).toBe('');
});

describe('a program', () => {
  const programs = samples.filter(({ isProgram }) => isProgram);

  test.each(programs.map((sample) => [sample.place, sample] as const))('%s runs', async (_place, { path, file }) => {
    const script = join(folderOf(path), file.replace(/\.ts$/, '.mjs'));
    const bundle = await rolldown({
      input: join(folderOf(path), file),
      platform: 'node',
      external: (name) => !/^[./]/.test(name) && name !== 'deskgraph/sdk',
      resolve: { alias: { 'deskgraph/sdk': join(packageRoot, 'dist/src/sdk/index.js') } },
    });
    await bundle.write({ file: script });
    await bundle.close();
    const { code, err } = await demo.run([process.execPath, script]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
