/**
 * The loggable form of an error: it helps to find the cause and contains nothing of a request or a row. The messages of
 * databases and mail servers quote values, and error objects have requests and responses as properties.
 */
export interface LoggedError {
  type: string;
  message: string;
  stack: string;
  cause?: LoggedError;
  [detail: string]: unknown;
}

/** Properties that contain only an error code, a place in the schema or a place in the network. */
const details = [
  'code',
  'errno',
  'syscall',
  'port',
  'severity',
  'schema',
  'table',
  'column',
  'constraint',
  'routine',
  'kind',
  'responseCode',
  'status',
];
const maxMessageLength = 500;
const maxDepth = 4;

/** A serialiser for the logger, which passes any thrown value. */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'This is no error.', stack: '' };
  const own = error as Error & Readonly<Record<string, unknown>>;
  const cause = error.cause ?? driverErrorOf(own);
  return {
    type: error.name,
    message: messageOf(error),
    stack: framesOf(error.stack),
    ...Object.fromEntries(details.flatMap((name) => (isPlain(own[name]) ? [[name, own[name]]] : []))),
    ...(cause !== undefined && depth < maxDepth && { cause: loggedError(cause, depth + 1) }),
  };
}

/** A short description of the error, without quoted values. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Something was thrown that is no error.';
  // The reply of a mail server can contain anything.
  if ('responseCode' in error || 'response' in error) return 'A server refused.';
  // Prisma puts the whole call before the actual message.
  const [last = ''] = error.message.trimEnd().split('\n').slice(-1);
  const text = error.name.startsWith('PrismaClient') ? last : error.message;
  return withoutValues(text.slice(0, maxMessageLength));
}

/** Names of the schema are kept: `column "a" does not exist`. */
const quoted =
  /((?:relation|column|constraint|table|index|type|role|database|schema|function|argument|key) )?("[^"]*("|$))/gi;
const addresses = /[^\s"'<>()`]+@[^\s"'<>()`]+/g;

const withoutValues = (text: string): string =>
  text.replace(quoted, (whole, before?: string) => (before === undefined ? '"…"' : whole)).replace(addresses, '…');

/** The driver's error that Prisma wraps. */
function driverErrorOf({ meta }: Readonly<Record<string, unknown>>): unknown {
  if (typeof meta !== 'object' || meta === null || !('driverAdapterError' in meta)) return undefined;
  return meta.driverAdapterError;
}

const isPlain = (value: unknown): boolean =>
  (typeof value === 'string' && value.length <= 100 && !/[\s@]/.test(value)) || typeof value === 'number';

const framesOf = (stack = ''): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
