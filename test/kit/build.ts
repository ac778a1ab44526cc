import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { packageRoot } from '../../src/lib/process/root.js';

/** Tests start processes from the compiled code, so what has changed is compiled before they run, and run again. */
export async function setup(project: TestProject): Promise<void> {
  await build();
  project.onTestsRerun(async (files) => {
    // All projects are told at once; one of them compiles.
    const first = files.find((file) => file.project.config.globalSetup.length > 0);
    if (first?.project === project) await build();
  });
}

async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(packageRoot, 'scripts/run.mjs'), 'build']);
}
