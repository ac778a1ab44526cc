import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  Lexer,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
  type ValidationRule,
  validate,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../context.js';
import { badInput } from '../../errors.js';
import type { Limits } from '../../lib/http/limits.js';
import { isPlain, type JsonBounds, maxJsonValues } from '../../lib/json/json.js';
import { currentRequest } from '../../lib/observe/request.js';
import type { Budget } from './budget.js';

/** Limits on the work that a request can cause before execution. */

const maxDocumentDepth = 64;
const maxVariableDepth = 32;
/** Of names and numbers: more than the longest name of the schema, mistyped. */
export const maxNameLength = 200;

/** The JSON limits of a request. Variables that nest too deeply within these limits get an error of their own. */
export const requestBounds: JsonBounds = { depth: maxVariableDepth + 8, values: maxJsonValues };

/**
 * Refuses media types that a browser sends across origins without a preflight (forms and multipart), and others that
 * are not plain JSON.
 */
export const refuseForms: Plugin = {
  onRequestParse({ request, endResponse, fetchAPI }) {
    if (request.method !== 'POST') return;
    const refuse = (message: string, headers = {}): void => {
      const id = currentRequest()?.id;
      const error = {
        message,
        extensions: { code: 'UNSUPPORTED_MEDIA_TYPE', ...(id !== undefined && { requestId: id }) },
      };
      endResponse(fetchAPI.Response.json({ errors: [error] }, { status: 415, headers }));
    };
    const type = request.headers.get('content-type') ?? '';
    if (!/^application\/(graphql\+)?json *([;,]|$)/i.test(type)) refuse('Send the request as application/json.');
    else if (!isPlain(request.headers.get('content-encoding')))
      refuse('Send the request without compressing it.', { 'Accept-Encoding': 'identity' });
  },
};

/** Explains why a request cannot be parsed. The library treats invalid JSON in a URL as an internal error. */
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

/**
 * Whether the error comes from a parser: a SyntaxError of JSON.parse, or an error that carries one in its extensions.
 */
function isSyntaxError(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return error instanceof SyntaxError;
  return (error.extensions.originalError as { name?: unknown } | undefined)?.name === 'SyntaxError';
}

/**
 * Refuses documents that are too long, have too many tokens, or nest deeper than 64, before they are parsed: every
 * later step costs time per token, and the parser is recursive. Refuses repetitive documents before validation, because
 * validation compares all fields of one name, and all spreads in one place, with each other.
 */
export function limitDocuments(
  limits: Pick<Limits, 'maxTokens' | 'maxAliases'>,
  budget: Pick<Budget, 'chargeDocument'>,
): Plugin<Context> {
  return {
    onParse({ context, setParseFn }) {
      setParseFn((source: string | Source, options) => {
        const given = typeof source === 'string' ? new Source(source) : source;
        const lines = linesOf(given, limits.maxTokens);
        refuseLarge(given, limits.maxTokens);
        const document = parse(given, { ...options, noLocation: lines > maxLocatedLines });
        refuseRepetitive(document, limits.maxAliases);
        // Charged here, because cached documents do not reach this plugin.
        budget.chargeDocument(context.caller, given.body.length);
        return document;
      });
    },
  };
}

/** A longer document has values in it that should be variables. */
const maxDocumentLength = 500_000;
/** Each error counts the lines before its nodes. For documents with more lines, errors have no locations. */
const maxLocatedLines = 1_000;

/** The number of lines; at most as many as tokens are allowed. @throws BAD_USER_INPUT */
function linesOf({ body }: Source, maxLines: number): number {
  if (body.length > maxDocumentLength) {
    throw badInput(['query'], `Documents have at most ${maxDocumentLength} characters.`);
  }
  let lines = 1;
  for (const _end of body.matchAll(/\r\n|[\n\r]/g)) {
    lines += 1;
    if (lines > maxLines) throw badInput(['query'], `Documents have at most ${maxLines} lines.`);
  }
  return lines;
}

/** @throws BAD_USER_INPUT, because a syntax error would get status 200 for clients that accept application/json. */
function refuseLarge(source: Source, maxTokens: number): void {
  const lexer = new Lexer(source);
  let tokens = 0;
  let depth = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    const { kind, start, end } = token;
    tokens += 1;
    if (opening.has(kind)) depth += 1;
    if (closing.has(kind)) depth -= 1;
    if (tokens > maxTokens) throw badInput(['query'], `Documents have at most ${maxTokens} tokens.`);
    if (depth > maxDocumentDepth) throw badInput(['query'], `Documents nest at most ${maxDocumentDepth} deep.`);
    if (end - start > maxNameLength && kind !== TokenKind.STRING && kind !== TokenKind.BLOCK_STRING) {
      throw badInput(['query'], `Names and numbers have at most ${maxNameLength} characters.`);
    }
  }
}

const opening: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

const maxFragments = 120;
const maxSpreads = 400;
const maxRepeats = 50;

/** @throws BAD_USER_INPUT */
function refuseRepetitive(document: DocumentNode, maxAliases: number): void {
  const refuse = (what: string): never => {
    throw badInput(['query'], `Documents have at most ${what}.`);
  };
  const count = (names: Map<string, number>, name: string, what: string): void => {
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    if (times > maxRepeats) refuse(`${maxRepeats} ${what}`);
  };
  const counted = { aliases: 0, fragments: 0, spreads: 0 };
  /** `names` counts each response name in one place, across the inline fragments there. */
  const visitSet = ({ selections }: SelectionSetNode, names: Map<string, number>): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) counted.spreads += 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT) visitSet(selection.selectionSet, names);
      else {
        count(names, selection.alias?.value ?? selection.name.value, 'fields of one name in one place');
        if (selection.alias) counted.aliases += 1;
        if (selection.selectionSet) visitSet(selection.selectionSet, new Map());
      }
    }
  };
  visit(document, {
    enter(node) {
      if ('arguments' in node && (node.arguments?.length ?? 0) > maxRepeats)
        refuse(`${maxRepeats} arguments in one place`);
    },
  });
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) counted.fragments += 1;
    const variables = new Map<string, number>();
    const { variableDefinitions = [] } = definition.kind === Kind.OPERATION_DEFINITION ? definition : {};
    for (const { variable } of variableDefinitions) count(variables, variable.name.value, 'variables of one name');
    if ('selectionSet' in definition) visitSet(definition.selectionSet, new Map());
  }
  if (counted.aliases > maxAliases) refuse(`${maxAliases} aliases`);
  if (counted.fragments > maxFragments) refuse(`${maxFragments} fragments`);
  if (counted.spreads > maxSpreads) refuse(`${maxSpreads} spreads of fragments`);
}

const maxErrors = 10;

/** Stops validation after ten errors, because each location takes a walk of the document. */
export const limitErrors: Plugin = {
  onValidate({ setValidationFn }) {
    setValidationFn((schema: GraphQLSchema, document: DocumentNode, rules: readonly ValidationRule[]) =>
      validate(schema, document, rules, { maxErrors }),
    );
  },
};

/** Refuses variables nested deeper than 32, because coercion is recursive. */
export const limitVariables: Plugin = {
  onParams: ({ params }) => refuseDeepVariables(params.variables),
};

/** @throws BAD_USER_INPUT */
export function refuseDeepVariables(variables: unknown): void {
  if (!nestsDeeper(variables, maxVariableDepth)) return;
  throw badInput(['variables'], `Variables nest at most ${maxVariableDepth} deep.`);
}

function nestsDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  // Lists are not copied. Long lists contain mostly scalars.
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inner.some((one) => typeof one === 'object' && nestsDeeper(one, depth - 1));
}
