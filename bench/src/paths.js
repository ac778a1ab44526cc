import { join } from 'node:path';

const benchRoot = join(import.meta.dirname, '..');
const projectRoot = join(benchRoot, '..');

/** @param {string} path */
export const fromBench = (path) => join(benchRoot, path);

/** @param {string} path */
export const fromProject = (path) => join(projectRoot, path);
