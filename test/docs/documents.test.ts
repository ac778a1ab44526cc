import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/env.js';
import { defaultLimits } from '../../src/lib/http/limits.js';
import { packageRoot } from '../../src/lib/process/root.js';
import type { Variables } from '../../src/lib/settings/reader.js';
import { eventTypes } from '../../src/modules/events/event.service.js';
import { anchorsOf, documentAt, documents } from './documents.js';

/** What the documents say of the code is what the code says. */

const textOf = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');

/** The cells of the rows of all tables in a document. */
const rowsOf = (path: string): string[][] =>
  [...documentAt(path).text.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(/ \| /));

/** Every variable that the environment is asked for. */
const variables = ((): string[] => {
  const asked = new Set<string>();
  const source: Variables = new Proxy({}, { get: (_target, name) => void asked.add(String(name)) });
  readEnvironment(source);
  return [...asked].sort();
})();

describe('README.md', () => {
  test('has at most 8 KiB', () => {
    expect(Buffer.byteLength(documentAt('README.md').text)).toBeLessThanOrEqual(8 * 1_024);
  });

  test('leads to every document', () => {
    const { text } = documentAt('README.md');
    const others = documents.map(({ path }) => path).filter((path) => path !== 'README.md');
    expect(others.filter((path) => !text.includes(`](${path})`))).toEqual([]);
  });
});

test.each(documents.map((document) => [document.path, document] as const))(
  'the links of %s lead somewhere',
  (path, { text }) => {
    const prose = text.replaceAll(/^```.*?^```$/gms, '');
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(packageRoot, target))) return true;
      return anchor !== undefined && !anchorsOf(documentAt(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  },
);

describe('.env.example', () => {
  const example = parseEnv(textOf('.env.example'));

  test('names every variable', () => {
    expect(Object.keys(example).sort()).toEqual(variables);
  });

  test('holds the defaults', () => {
    expect(readEnvironment(example)).toEqual(readEnvironment({}));
  });

  test('says what each variable means', () => {
    const lines = textOf('.env.example').split('\n');
    const bare = lines.filter((line, index) => /^[A-Z]/.test(line) && !lines[index - 1]?.startsWith('# '));
    expect(bare).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  const rows = rowsOf('docs/configuration.md').filter(([name = '']) => /^`[A-Z_]+`$/.test(name));

  test('has a row for every variable', () => {
    expect(rows.map(([name = '']) => name.slice(1, -1)).sort()).toEqual(variables);
  });

  test('tells the default of those that have one', () => {
    const example = parseEnv(textOf('.env.example'));
    const told = new Map(rows.map(([name = '', value = '']) => [name.slice(1, -1), /^`([^`]+)`/.exec(value)?.[1]]));
    for (const [name, value] of Object.entries(example))
      if (value) expect({ [name]: told.get(name) }).toEqual({ [name]: value });
  });
});

test('docs/queries.md tells the default limits', () => {
  const figures: Readonly<Record<string, number>> = {
    MAX_BODY_BYTES: defaultLimits.maxBodyBytes,
    MAX_TOKENS: defaultLimits.maxTokens,
    MAX_ALIASES: defaultLimits.maxAliases,
    MAX_DEPTH: defaultLimits.maxDepth,
    MAX_COST: defaultLimits.maxCost,
    RATE_CAPACITY: defaultLimits.rateCapacity,
    RATE_RESTORE: defaultLimits.rateRestore,
  };
  const rows = rowsOf('docs/queries.md');
  for (const [name, figure] of Object.entries(figures)) {
    const [, most] = rows.find((cells) => cells[2]?.startsWith(`\`${name}\``)) ?? [];
    const written = name.endsWith('_BYTES') ? `${figure / 1_024 ** 2} MiB` : figure.toLocaleString('en');
    expect({ name, most }).toEqual({ name, most: written });
  }
});

test('docs/subscriptions.md lists the types of events', () => {
  const { text } = documentAt('docs/subscriptions.md');
  const [, table = ''] = text.split('## Types of events');
  let subject = '';
  const listed = [...table.matchAll(/`(\w*)\.(\w+)`/g)].map(([, named = '', what]) => {
    subject = named || subject;
    return `${subject}.${what}`;
  });
  expect(listed.sort()).toEqual([...eventTypes].sort());
});

test('docs/ARCHITECTURE.md has a row for each layer of the architecture test', () => {
  const layers = [...textOf('test/architecture.test.ts').matchAll(/\{\s*name: '([^']+)'/g)].map(([, name]) => name);
  const { text } = documentAt('docs/ARCHITECTURE.md');
  const [, section = ''] = text.split('## Who may import whom');
  const [table = ''] = section.split('## Life');
  const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, name]) => name);
  expect(rows.slice(1).sort()).toEqual(layers.sort());
});
