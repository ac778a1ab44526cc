import { parseEnv } from 'node:util';
import { getOperationAST, type OperationDefinitionNode, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnvironment } from '../../src/env.js';
import { schema } from '../../src/graphql/schema.js';
import { type Demo, startDemo } from './demo.js';
import { documents, type Sample, samplesOf } from './documents.js';
import { shapeOf } from './shape.js';

/**
 * Runs every sample of the documents: operations against the graph, commands of the shell, JSON and settings by parsing
 * them. TypeScript is tested beside this file. What cannot be run says why in its first line.
 */

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.close());

const samples = documents.flatMap(samplesOf);

/** The sample with what stands right after it. */
interface Told {
  sample: Sample;
  variables?: Sample;
  answer?: Sample;
}

function toldIn(all: readonly Sample[], language: string): [string, Told][] {
  return all.flatMap((sample, index): [string, Told][] => {
    if (sample.language !== language || sample.notRun !== undefined) return [];
    const told: Told = { sample };
    for (const next of all.slice(index + 1)) {
      if (next.role === undefined) break;
      told[next.role] = next;
    }
    return [[sample.place, told]];
  });
}

/** What the documents show of an answer is what came: the same fields with values of the same kinds. */
function expectShown(answer: Sample | undefined, came: unknown): void {
  if (answer) expect(shapeOf(came, JSON.parse(answer.text))).toEqual(shapeOf(JSON.parse(answer.text), came));
}

describe('GraphQL', () => {
  test.each(toldIn(samples, 'graphql'))('%s is valid and does what it says', async (_place, told) => {
    const text = await demo.fitted(JSON.stringify([told.sample.text, told.variables?.text ?? '{}']));
    const [query = '', variables = ''] = JSON.parse(text) as string[];
    const document = parse(query);
    expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('A sample holds one operation.');
    const answer =
      operation.operation === 'subscription'
        ? await firstOf(query, JSON.parse(variables))
        : await demo.ask(query, JSON.parse(variables));
    expect(answer).toEqual({ data: expect.anything() });
    if (operation.operation === 'mutation') expectDone(operation, answer.data, told.sample.isRefused);
    expectShown(told.answer, answer);
  });
});

/** Each mutation of a sample asks for what is wrong with its input: nothing, unless the sample is about a mistake. */
function expectDone({ selectionSet }: OperationDefinitionNode, data: Record<string, unknown> = {}, isRefused: boolean) {
  const userErrors = isRefused ? [expect.anything()] : [];
  expect(Object.values(data)).toEqual(selectionSet.selections.map(() => expect.objectContaining({ userErrors })));
}

/** The first event of a subscription over server-sent events; to leave the stream ends it. */
async function firstOf(query: string, variables: unknown): Promise<{ data?: Record<string, unknown> }> {
  const response = await fetch(`${demo.origin}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${demo.key}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query, variables }),
  });
  let received = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    received += decoder.decode(chunk, { stream: true });
    const [, event] = /^event: next\ndata: (.*)$/m.exec(received) ?? [];
    if (event === undefined) continue;
    return JSON.parse(event);
  }
  throw new Error(`The subscription told nothing: ${received}`);
}

describe('commands', () => {
  test.each(toldIn(samples, 'sh'))('%s ends well', async (place, { sample, answer }) => {
    const [path = ''] = place.split(':');
    for (const { fileName, language, text, place: own } of samples) {
      if (fileName !== undefined && language !== 'ts' && own.startsWith(`${path}:`)) await demo.write(fileName, text);
    }
    const text = (await demo.fitted(sample.text)).replaceAll('npm run -s cli --', 'node "$DESKGRAPH"');
    const script = `set -eu\ncurl() { node "$CURL" "$@"; }\n${text}`;
    const { code, out, err } = await demo.run(['sh', '-c', script]);
    expect({ code, out: code === 0 ? '' : out, err: code === 0 ? '' : err }).toEqual({ code: 0, out: '', err: '' });
    if (answer) expectShown(answer, JSON.parse(out));
  });
});

describe('JSON', () => {
  test.each(samples.filter(({ language }) => language === 'json').map((one) => [one.place, one] as const))(
    '%s can be read',
    (_place, { text }) => {
      expect(() => JSON.parse(text)).not.toThrow();
    },
  );
});

describe('settings', () => {
  test.each(samples.filter(({ language }) => language === 'ini').map((one) => [one.place, one] as const))(
    '%s are taken',
    (_place, { text }) => {
      expect(() => readEnvironment(parseEnv(text))).not.toThrow();
    },
  );
});

describe('the samples', () => {
  const tested = ['graphql', 'sh', 'json', 'ini', 'ts'];
  /** What shows something and does nothing; the roles of the database are made in the tests of environments. */
  const shown = ['text', 'mermaid', 'csv', 'sql'];

  test('are in languages that are tested, or show something only', () => {
    expect(samples.filter(({ language }) => ![...tested, ...shown].includes(language))).toEqual([]);
  });

  test('were found in each language', () => {
    const counts = tested.map((language) => samples.filter((sample) => sample.language === language).length);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test('are run but for a few, which say why not', () => {
    const notRun = samples.filter((sample) => sample.notRun !== undefined);
    expect(notRun.filter(({ notRun: reason = '' }) => reason.length < 15)).toEqual([]);
    expect(notRun.length).toBeLessThan(samples.length / 6);
  });
});
