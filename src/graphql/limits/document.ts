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

/** Bounds on what a request can make the server do before anything is executed. */

const maxDocumentDepth = 64;
const maxVariableDepth = 32;
/** Of names and numbers: more than the longest name of the schema, mistyped. */
export const maxNameLength = 200;

/** What is read of the JSON that a request comes as. Within it, variables that nest too deeply get an error of their own. */
export const requestBounds: JsonBounds = { depth: maxVariableDepth + 8, values: maxJsonValues };

/** Refuses bodies that a browser sends across sites without asking, forms and multipart, and others that are not JSON as it is. */
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
 * Refuses documents before they are parsed that are too long, have too many tokens or nest deeper than 64: every later
 * step costs time with each token, and the parser itself recurses. And before they are validated those that repeat
 * themselves, since validation compares what bears one name, and what is spread in one place, each with each.
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
        // Here, since what was read before does not come here.
        budget.chargeDocument(context.caller, given.body.length);
        return document;
      });
    },
  };
}

/** Values of more than that are better sent as variables. */
const maxDocumentLength = 500_000;
/** An error counts the lines before each node that it is about; of longer documents it tells no places. */
const maxLocatedLines = 1_000;

/** How many lines there are; no more than tokens may be. @throws BAD_USER_INPUT */
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

/** @throws BAD_USER_INPUT; a syntax error would be answered with status 200 to those who accept application/json. */
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
  /** `names`: how often each name of the answer stands in one place, whatever inline fragments are around it. */
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

/** Ends validation at the tenth error: to say where each one stands costs a walk of the document. */
export const limitErrors: Plugin = {
  onValidate({ setValidationFn }) {
    setValidationFn((schema: GraphQLSchema, document: DocumentNode, rules: readonly ValidationRule[]) =>
      validate(schema, document, rules, { maxErrors }),
    );
  },
};

/** Refuses variables nested deeper than 32: coercing them recurses. */
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
  // A list is not copied, and long ones hold mostly what nests in nothing.
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inner.some((one) => typeof one === 'object' && nestsDeeper(one, depth - 1));
}
