import type { GraphQLFormattedError } from 'graphql';
import { expect } from 'vitest';
import { type Desk, post, type TestApp } from './app.js';

/** What a client may be told about a mistake: the places that name what is wrong. */
export interface HttpError {
  code: unknown;
  /** `extensions.argument` of an error, or the path of a user error, joined by dots. */
  argument: unknown;
  message: string;
}

/** Sends a document as text, as programs do that build them, and answers the body as it came. */
export async function ask(
  { app }: TestApp,
  desk: Desk,
  document: string,
  variables?: unknown,
): Promise<{ data?: unknown; errors?: GraphQLFormattedError[] }> {
  return (await post(app, document, variables, desk.key)).body;
}

interface UserErrorAnswer {
  code: string;
  message: string;
  path: string[];
}

/** Everything that an answer says is wrong, be it an error of the whole or a user error of a mutation. */
export function httpErrorsOf(body: { data?: unknown; errors?: GraphQLFormattedError[] }): HttpError[] {
  const errors = (body.errors ?? []).map(({ message, extensions }) => ({
    code: extensions?.code,
    argument: extensions?.argument,
    message,
  }));
  const payloads = Object.values((body.data ?? {}) as Record<string, { userErrors?: UserErrorAnswer[] } | null>);
  const userErrors = payloads
    .flatMap((payload) => payload?.userErrors ?? [])
    .map(({ code, message, path }) => ({ code, argument: path.join('.'), message }));
  return [...errors, ...userErrors];
}

/** Whatever a client must not read: how the answer came about. */
const internals =
  /prisma|postgres|pglite|syntax|\bsql\b|select |constraint|relation|stack|node_modules|\.ts\b|\.js\b| at [A-Z]\w+ \(/i;

/** Expects these refusals, in this order and no others, of the first run of an operation and of its compiled runs. */
export async function expectRefusals(
  testApp: TestApp,
  desk: Desk,
  document: string,
  variables: unknown,
  expected: readonly Pick<HttpError, 'code' | 'argument'>[],
): Promise<void> {
  for (let run = 1; run <= 3; run += 1) {
    const refusals = httpErrorsOf(await ask(testApp, desk, document, variables));
    const told = refusals.map(({ code, argument }) => ({ code, argument }));
    expect({ run, told }, JSON.stringify(refusals)).toEqual({ run, told: expected });
    for (const { message } of refusals) {
      expect(message).not.toMatch(internals);
      expect(message.length).toBeLessThan(500);
    }
  }
}
