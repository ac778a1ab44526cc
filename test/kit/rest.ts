import { expect } from 'vitest';
import type { Desk } from './app.js';
import type { TestServer } from './http.js';

/** A request to the REST shim, as a document of a vendor shows it. */
export interface RestRequest {
  method?: string;
  /** Sent as JSON; a text is sent as it is. */
  body?: unknown;
  /** Null: without a key; the desk's own when left out. */
  key?: string | null;
  headers?: Record<string, string>;
}

export interface RestAnswer {
  status: number;
  headers: Headers;
  /** What the JSON says; null without a body. */
  body: unknown;
}

/** Sends a request over the network, as curl would. */
export async function call(
  server: TestServer,
  desk: Desk,
  path: string,
  { method = 'GET', body, key = desk.key, headers }: RestRequest = {},
): Promise<RestAnswer> {
  const response = await fetch(`${server.origin}${path}`, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** TidySupport's form of a refusal. */
export const refused = (statusCode: number, error: string, message: string) => ({
  status: statusCode,
  body: { statusCode, error, message },
});

/** Expects the status and the whole body. */
export function expectAnswer({ status, body }: RestAnswer, expected: { status: number; body: unknown }): void {
  expect({ status, body }).toEqual(expected);
}

/** Times as the documents write them. */
export const aTime: string = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
export const anId = (prefix: string): string => expect.stringMatching(new RegExp(`^${prefix}_[A-Za-z0-9]+$`));
export const aUuid: string = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
