import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { allScopes, isScope, type Scope } from '../../src/auth/scopes.js';
import { packageRoot } from '../../src/lib/process/root.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { ask, httpErrorsOf } from '../kit/ask.js';
import { sendKeyed } from '../kit/keyed.js';
import { eventsOf, newEvents } from '../kit/records.js';
import { type Field, mutations, placesOfTexts, queries, selectionIn, smallest } from '../kit/schema-walk.js';
import { tellStory } from '../kit/story.js';
import { examples, type Scene } from './examples.js';
import type { Input } from './mistakes.js';

/**
 * What holds for each mutation alike: it needs the scope that its description and the documentation name, it refuses
 * what is not at the wanted version and texts that cannot be stored, and whoever sends it twice gets what they asked for
 * once. That an id of another workspace is unknown holds for queries too, and
 * is tested in `tenancy.test.ts`.
 */

let testApp: TestApp;
beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

/** The scopes any of which a description says is needed. */
function scopesOf({ name, description }: Field): [Scope, ...Scope[]] {
  const [first, ...others] = (/Needs (\S+(?: or \S+)*)\.$/.exec(description ?? '')?.[1] ?? '')
    .split(' or ')
    .filter(isScope);
  if (first === undefined) throw new Error(`The description of ${name} ends without its scope.`);
  return [first, ...others];
}

const scopeOf = (field: Field): Scope => scopesOf(field)[0];

const documentOf = (field: Field, selection = selectionIn(field)): string =>
  `mutation ($input: ${field.args[0]?.type}) { ${field.name}(input: $input) ${selection} }`;

async function prepare(name: string): Promise<{ scene: Scene; input: Input }> {
  const scene = { ...(await tellStory(testApp)), testApp };
  const found = examples[name];
  if (!found) throw new Error(`${name} needs an example in examples.ts.`);
  return { scene, input: await found.input(scene) };
}

const errorsOf = (data: unknown, name: string): { code: string }[] | undefined =>
  (data as Record<string, { userErrors: { code: string }[] }>)[name]?.userErrors;

/** What is shown once is in no answer that was kept. */
const withoutSecrets = (text: string): string => text.replace(/"(?:ts_s[kt]_live_\w{36}|whsec_[^"]*)"/g, 'null');

/** The input with a value put into a place of it, and the smallest beside it that the schema requires. */
function put(input: unknown, place: readonly (string | number)[], value: unknown, type: GraphQLInputType): unknown {
  const [name, ...rest] = place;
  const nullable = getNullableType(type);
  if (name === undefined) return value;
  if (isListType(nullable)) return [put(Array.isArray(input) ? input[0] : undefined, rest, value, nullable.ofType)];
  if (!isInputObjectType(nullable)) throw new Error(`${nullable} has no places.`);
  const field = nullable.getFields()[name];
  if (!field) throw new Error(`${nullable} has no ${name}.`);
  const whole = (input ?? smallest(nullable, () => 'ctc_1')) as Input;
  return { ...whole, [name]: put(whole[name], rest, value, field.type) };
}

describe.each(mutations.map((field) => [field.name, field] as const))('%s', (name, field) => {
  const inputType = getNullableType(field.args[0]?.type) as GraphQLInputObjectType;

  describe('writes nothing and', () => {
    let prepared: Awaited<ReturnType<typeof prepare>>;
    let events: unknown[];
    beforeAll(async () => {
      prepared = await prepare(name);
      events = await eventsOf(testApp, prepared.scene.desk);
    });
    afterEach(async () => expect(await eventsOf(testApp, prepared.scene.desk)).toEqual(events));

    test('names the scope that the key lacks', async () => {
      const { scene, input } = prepared;
      const scope = scopeOf(field);
      const opening = scopesOf(field);
      const without = await scene.desk.withScopes(...allScopes.filter((one) => !opening.includes(one)));
      events = await eventsOf(testApp, scene.desk);
      // As graphql-js runs it, while it is compiled, and compiled.
      for (let run = 1; run <= 3; run += 1) {
        const { data, errors } = await ask(testApp, without, documentOf(field), { input });
        expect(data ?? null).toBeNull();
        expect(errors).toMatchObject([
          {
            message: `This key lacks the scope ${opening.join(' or ')}.`,
            path: [name],
            extensions: { code: 'FORBIDDEN', requiredScope: scope },
          },
        ]);
      }
    });

    const versions = Object.keys(inputType.getFields()).filter((one) => /^if\w*Version$/.test(one));
    test.each(versions)('says that there is another version than %s', async (version) => {
      const input = { ...prepared.input, [version]: 987_654_321 };
      const selection = '{ userErrors { code path retryable conflictingId } }';
      const { data } = await ask(testApp, prepared.scene.desk, documentOf(field, selection), { input });
      expect(errorsOf(data, name)).toEqual([
        { code: 'CONFLICT', path: ['input', version], retryable: true, conflictingId: expect.any(String) },
      ]);
    });

    test.each(placesOfTexts(inputType).map((place) => [place.join('.'), place] as const))(
      'names %s when it holds a NUL',
      async (argument, place) => {
        // Otherwise items of a batch are refused one by one.
        const whole = { ...prepared.input, ...('errorPolicy' in prepared.input && { errorPolicy: 'ALL_OR_NOTHING' }) };
        const input = put(whole, place, 'a\0@b.test', inputType);
        const refusals = httpErrorsOf(await ask(testApp, prepared.scene.desk, documentOf(field), { input }));
        const told = new Set(refusals.map((refusal) => `${refusal.code} ${refusal.argument}`));
        expect([...told]).toEqual([`BAD_USER_INPUT input.${argument}`]);
      },
    );
  });

  test('needs no other scope to be done', async () => {
    const { scene, input } = await prepare(name);
    const only: Desk = await scene.desk.withScopes(scopeOf(field));
    const { data, errors } = await ask(testApp, only, documentOf(field, '{ userErrors { code } }'), { input });
    expect({ data, errors }).toEqual({ data: { [name]: { userErrors: [] } }, errors: undefined });
  });

  test('is done once, however often it is sent with one Idempotency-Key', async () => {
    const { scene, input } = await prepare(name);
    const { desk } = scene;
    const request = { query: documentOf(field), variables: { input } };
    const first = { status: 200, text: '' };
    const events = await newEvents(testApp, desk, async () => {
      Object.assign(first, await sendKeyed(testApp.app, desk, request, 'once'));
    });
    expect(first).toMatchObject({ status: 200, replayed: false, code: undefined });
    expect(errorsOf(JSON.parse(first.text).data, name)).toEqual([]);
    expect(events).not.toEqual([]);

    const repeated = await newEvents(testApp, desk, async () => {
      expect(await sendKeyed(testApp.app, desk, request, 'once')).toEqual({
        ...first,
        text: withoutSecrets(first.text),
        replayed: true,
      });
    });
    expect(repeated).toEqual([]);
  });

  test('says what became of it when it is sent again without one', async () => {
    const { scene, input } = await prepare(name);
    const again = examples[name]?.again;
    const send = async () => errorsOf((await ask(testApp, scene.desk, documentOf(field), { input })).data, name);
    expect(await send()).toEqual([]);
    const events = await newEvents(testApp, scene.desk, async () => {
      const errors = (await send())?.map(({ code }) => code);
      expect(errors).toEqual(again === 'nothing' || again === 'another' ? [] : [again]);
    });
    expect(events.length > 0).toBe(again === 'another');
  });
});

describe('the documentation', () => {
  test('lists each mutation with its scope', () => {
    const page = readFileSync(join(packageRoot, 'docs/keys.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+:\w+)` \| (.+) \|$/gm)];
    const asked = new Set(queries.map(({ name }) => name));
    const listed = rows.flatMap(([, scope, names = '']) =>
      [...names.matchAll(/`(\w+)`/g)].filter(([, name = '']) => !asked.has(name)).map(([, name]) => `${scope} ${name}`),
    );
    expect(listed.sort()).toEqual(mutations.map((field) => `${scopeOf(field)} ${field.name}`).sort());
  });
});

test('every example is one of a mutation', () => {
  expect(Object.keys(examples).sort()).toEqual(mutations.map(({ name }) => name).sort());
});
