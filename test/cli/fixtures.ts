import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/process/root.js';

export const fixture = (name: string): string => join(packageRoot, 'test/fixtures', name);

export const fixtureText = (name: string): string => readFileSync(fixture(name), 'utf8');
