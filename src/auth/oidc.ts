import { createRemoteJWKSet, customFetch, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { AppError } from '../errors.js';
import { isScope, type Scope } from './scopes.js';
import { endOfToken } from './token-life.js';

/** Bearer tokens of the operator's own identity provider (OpenID Connect). */
export interface OidcOptions {
  issuer: string;
  /** What tokens must be made for. */
  audience: string;
  /** The claim that names the workspace, by its id or UUID. */
  workspaceClaim: string;
  /** The claim that names the agent, by its e-mail address or its id. */
  agentClaim: string;
  /** What agents who sign in may do, unless their token says less. */
  scopes: readonly string[];
}

/** Whom a token names. */
export interface Identity {
  workspace: string;
  agent: string;
  /** Who bears the token, by the issuer's lasting name: nobody else ever has it. */
  person: string;
  /** Those of the token's scopes that are ours; null when it names none. */
  scopes: ReadonlySet<Scope> | null;
  id: string;
  madeAt: Date;
  expiresAt: Date;
}

/** Tells who bears a token: the key of the agent that it names, which was made at the first sign-in. */
export interface SignIn {
  /** @throws UNAUTHENTICATED, UNAVAILABLE while the issuer does not answer and its keys are not known. */
  identify(token: string): Promise<Pick<Identity, 'scopes' | 'id' | 'expiresAt' | 'person'> & { keyHash: string }>;
}

/** Signatures by keys that the issuer publishes; none that a secret or nothing at all could make. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const clockToleranceSeconds = 30;
const timeoutMs = 5_000;
/** So long the keys of the issuer are used, and so long they are not asked for again when a key is not among them. */
const keysMaxAgeMs = 10 * 60_000;
const cooldownMs = 30_000;
const maxTokenLength = 8_192;
/** More than any description or set of keys has. */
const maxAnswerBytes = 256 * 1_024;
/** So long an answer of the issuer holds, also that there is none: anybody can send tokens that have it asked. */
const pauseMs = 1_000;

export const isJwt = (text: string): boolean =>
  text.length <= maxTokenLength && /^[\w-]{10,}\.[\w-]{2,}\.[\w-]{10,}$/.test(text);

/** Verifies tokens of an issuer. Its keys are found by discovery when the first token comes. */
export function tokenVerifier(options: OidcOptions): (token: string) => Promise<Identity> {
  const { issuer, audience } = options;
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let clock = offsetOfClock();
  const ask = createAsker();
  const keysOf = (): Promise<JWTVerifyGetKey> => {
    // How old they are is counted by the clock of the day: when that is put back, new keys would be asked for much later.
    if (Math.abs(offsetOfClock() - clock) > cooldownMs) keys = undefined;
    clock = offsetOfClock();
    keys ??= discover(issuer, ask).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };

  return async (token) => {
    try {
      const verified = await jwtVerify(token, await keysOf(), {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
      });
      return identityOf(verified.payload, options);
    } catch (error) {
      throw refusalOf(error);
    }
  };
}

/** Changes when the clock of the day is put forward or back. */
const offsetOfClock = (): number => Date.now() - performance.now();

/** Answers the JSON at a URL of the issuer. */
type Ask = (url: string) => Promise<unknown>;

async function discover(issuer: string, ask: Ask): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = (await ask(address)) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (found?.issuer !== issuer || typeof found.jwks_uri !== 'string') {
    throw new Error(`${address} does not describe the issuer ${issuer}.`);
  }
  return createRemoteJWKSet(new URL(found.jwks_uri), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: keysMaxAgeMs,
    [customFetch]: async (url) => Response.json(await ask(url)),
  });
}

/** Asks the issuer, at each URL once in a while. */
function createAsker(): Ask {
  const asked = new Map<string, { at: number; answer: Promise<unknown> }>();
  return (url) => {
    const last = asked.get(url);
    if (last && performance.now() - last.at < pauseMs) return last.answer;
    const answer = read(url);
    asked.set(url, { at: performance.now(), answer });
    return answer;
  };
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  if (!response.ok || !response.body) throw new Error(`${url} answered with ${response.status}.`);
  return JSON.parse(await textOf(response.body, url));
}

/** @throws when it is longer than any answer is; nothing after that is read. */
async function textOf(body: AsyncIterable<Uint8Array>, address: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error(`${address} answered with more than ${maxAnswerBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function identityOf(payload: JWTPayload, { issuer, workspaceClaim, agentClaim }: OidcOptions): Identity {
  const text = (name: string): string => {
    const value = payload[name];
    if (typeof value === 'string' && usable.test(value)) return value;
    throw wrong(`The token has no usable claim ${name}.`);
  };
  if (agentClaim === 'email' && payload.email_verified === false) throw wrong('The e-mail address is not verified.');
  const named = typeof payload.scope === 'string' ? payload.scope.split(' ').filter(isScope) : [];
  return {
    workspace: text(workspaceClaim),
    agent: text(agentClaim),
    person: `${issuer} ${text('sub')}`,
    scopes: named.length > 0 ? new Set(named) : null,
    id: typeof payload.jti === 'string' ? payload.jti : (payload.sub ?? ''),
    madeAt: timeOf(payload.iat),
    expiresAt: endOfToken(timeOf(payload.iat), new Date(timeOf(payload.exp).getTime() + clockToleranceSeconds * 1_000)),
  };
}

/** The database takes neither NUL nor half of a surrogate pair, and no name has them. */
const usable = /^[^\p{Cc}\p{Cs}]{1,320}$/u;

const timeOf = (seconds = 0): Date => new Date(seconds * 1_000);

/** What is wrong with the token is told; that its issuer cannot be asked is not the caller's fault. */
function refusalOf(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof errors.JWTExpired) {
    return new AppError('UNAUTHENTICATED', 'This token has expired.', {}, { cause: error });
  }
  const isOfToken =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC');
  if (isOfToken) return wrong('The token is not valid here.');
  const message = 'The identity provider does not answer right now; try again in a few seconds.';
  return new AppError('UNAVAILABLE', message, { retryable: true, retryAfter: 5 }, { cause: error });
}

/** Whether the refusal is of a token that the issuer did make, whose time is over. */
export const hasEnded = ({ cause }: AppError): boolean => cause instanceof errors.JWTExpired;

const wrong = (message: string): AppError => new AppError('UNAUTHENTICATED', message);
