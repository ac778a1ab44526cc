import { describe, expect, test } from 'vitest';
import type { TestApp } from '../kit/app.js';
import { expectRefusals } from '../kit/ask.js';
import type { Story } from '../kit/story.js';

/** Inputs of mutations with a mistake in them, and the test that each is named and nothing written. */

export type Input = Record<string, unknown>;

/** An input, a function where it needs ids of the story; where the mistakes lie in it, and of what kind they are. */
export type Mistake = readonly [
  what: string,
  argument: string | readonly string[],
  input: Input | ((story: Story) => Input),
  code?: 'BAD_USER_INPUT' | 'NOT_FOUND' | 'CONFLICT',
];

/** What no text may be. */
export const badTexts = (field: string, longest: number, rest: Input = {}): Mistake[] => [
  [`a ${field} with a NUL`, `input.${field}`, { ...rest, [field]: 'a\0@b.test' }],
  [`a ${field} with half a surrogate pair`, `input.${field}`, { ...rest, [field]: 'a\udc00@b.test' }],
  [`a ${field} of ${longest + 1} characters`, `input.${field}`, { ...rest, [field]: 'x'.repeat(longest + 1) }],
  [`a ${field} of a megabyte`, `input.${field}`, { ...rest, [field]: 'x'.repeat(1_000_000) }],
  [`a number for ${field}`, `input.${field}`, { ...rest, [field]: 5 }],
];
export const blank = (field: string, rest: Input = {}): Mistake[] =>
  ['', ' \t\n'].map((text) => [`${JSON.stringify(text)} for ${field}`, `input.${field}`, { ...rest, [field]: text }]);

/** Everything that a write would leave behind. */
async function rowsOf({ database }: TestApp, { desk }: Story): Promise<unknown> {
  const { prisma } = database;
  const where = { where: { workspaceId: desk.workspaceId } };
  return [
    await prisma.customer.findMany({ ...where, orderBy: { id: 'asc' } }),
    await prisma.conversation.findMany({ ...where, orderBy: { id: 'asc' } }),
    await prisma.message.findMany({ ...where, orderBy: { id: 'asc' } }),
    await prisma.messageAttachment.count(where),
    await prisma.agent.findMany({ ...where, orderBy: { id: 'asc' } }),
    await prisma.channel.findMany({ ...where, orderBy: { id: 'asc' } }),
    await prisma.domainEvent.count(where),
  ];
}

/** For each mutation, expects that each of its mistakes is told where it lies and that nothing was written. */
export function testMistakes(
  tables: Readonly<Record<string, readonly Mistake[]>>,
  opened: () => { testApp: TestApp; story: Story },
): void {
  describe.each(Object.entries(tables))('%s writes nothing and names what is wrong with', (mutation, mistakes) => {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code message path } } }`;

    test.each(mistakes.map((mistake) => [mistake[0], mistake] as const))(
      '%s',
      async (_what, [, argument, makeInput, code = 'BAD_USER_INPUT']) => {
        const { testApp, story } = opened();
        const input = typeof makeInput === 'function' ? makeInput(story) : makeInput;
        const before = await rowsOf(testApp, story);
        const expected = [argument].flat().map((place) => ({ code, argument: place }));
        await expectRefusals(testApp, story.desk, document, { input }, expected);
        expect(await rowsOf(testApp, story)).toEqual(before);
      },
    );
  });
}
