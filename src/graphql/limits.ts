import { GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { badInput } from '../errors.js';

/** Bounds on what a request can make the server do before anything is executed. */

const maxTokens = 4_000;
const maxDocumentDepth = 64;
const maxVariableDepth = 32;

/** Refuses bodies that a browser sends across sites without asking: forms and multipart. */
export const refuseForms: Plugin = {
  onRequestParse({ request, endResponse, fetchAPI }) {
    const type = request.headers.get('content-type') ?? '';
    if (request.method !== 'POST' || /^application\/(graphql-response\+|graphql\+)?json\b/i.test(type)) return;
    const error = { message: 'Send the request as application/json.', extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } };
    endResponse(fetchAPI.Response.json({ errors: [error] }, { status: 415 }));
  },
};

/** Says what is wrong with a request that cannot be read: the parsers take bad JSON in a URL for a defect of ours. */
export const explainUnreadable: Plugin = {
  onRequestParse({ request, requestParser, setRequestParser }) {
    if (!requestParser) return;
    setRequestParser(async (parsed) => {
      try {
        return await requestParser(parsed);
      } catch (error) {
        if (!isSyntaxError(error)) throw error;
        const what = request.method === 'GET' ? 'variables or extensions of the URL are' : 'body is';
        const extensions = { code: 'BAD_REQUEST', http: { status: 400 } };
        throw new GraphQLError(`The ${what} not valid JSON.`, { extensions });
      }
    });
  },
};

/** Whether a parser threw it: as it came from JSON.parse, or with that noted in the extensions. */
function isSyntaxError(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return error instanceof SyntaxError;
  return (error.extensions.originalError as { name?: unknown } | undefined)?.name === 'SyntaxError';
}

/**
 * Refuses documents of more than 4,000 tokens or nested deeper than 64 before they are parsed: every later step costs
 * time with each token, and the parser itself recurses.
 */
export const limitDocuments: Plugin = {
  onParse({ setParseFn }) {
    setParseFn((source: string | Source, options) => {
      refuseLarge(typeof source === 'string' ? new Source(source) : source);
      return parse(source, options);
    });
  },
};

/** @throws BAD_USER_INPUT; a syntax error would be answered with status 200 to those who accept application/json. */
function refuseLarge(source: Source): void {
  const lexer = new Lexer(source);
  let tokens = 0;
  let depth = 0;
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; kind = lexer.advance().kind) {
    tokens += 1;
    if (opening.has(kind)) depth += 1;
    if (closing.has(kind)) depth -= 1;
    if (tokens > maxTokens) throw badInput(['query'], `Documents have at most ${maxTokens} tokens.`);
    if (depth > maxDocumentDepth) throw badInput(['query'], `Documents nest at most ${maxDocumentDepth} deep.`);
  }
}

const opening: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Refuses variables nested deeper than 32: coercing them recurses. */
export const limitVariables: Plugin = {
  onParams({ params }) {
    if (!nestsDeeper(params.variables, maxVariableDepth)) return;
    throw badInput(['variables'], `Variables nest at most ${maxVariableDepth} deep.`);
  },
};

function nestsDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => nestsDeeper(inner, depth - 1));
}
