import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for what a test writes; the test removes it. */
export const temporaryDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), 'deskgraph-test-'));
