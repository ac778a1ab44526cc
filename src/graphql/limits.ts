import { GraphQLError, parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Bounds on what a request can make the server do before anything is executed. */

const maxTokens = 4_000;
const maxVariableDepth = 32;
export const maxBodyBytes = 4 * 1_024 * 1_024;

/** Refuses bodies that a browser sends across sites without asking: forms and multipart. */
export const refuseForms: Plugin = {
  onRequestParse({ request, endResponse, fetchAPI }) {
    const type = request.headers.get('content-type') ?? '';
    if (request.method !== 'POST' || /^application\/(graphql-response\+|graphql\+)?json\b/i.test(type)) return;
    const error = { message: 'Send the request as application/json.', extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } };
    endResponse(fetchAPI.Response.json({ errors: [error] }, { status: 415 }));
  },
};

/** Refuses documents of more than 4,000 tokens before they are parsed: every later step costs time with each. */
export const limitTokens: Plugin = {
  onParse({ setParseFn }) {
    setParseFn((source, options) => parse(source, { ...options, maxTokens }));
  },
};

/** Refuses variables nested deeper than 32: coercing them recurses. */
export const limitVariables: Plugin = {
  onParams({ params, setResult }) {
    if (!nestsDeeper(params.variables, maxVariableDepth)) return;
    const message = `Variables must nest at most ${maxVariableDepth} deep.`;
    const extensions = { code: 'BAD_USER_INPUT', argument: 'variables', http: { status: 400 } };
    setResult({ errors: [new GraphQLError(message, { extensions })] });
  },
};

function nestsDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => nestsDeeper(inner, depth - 1));
}
