import { createRemoteJWKSet, customFetch, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { AppError } from '../errors.js';
import { isScope, type Scope } from './scopes.js';
import { endOfToken } from './token-life.js';

/** Bearer tokens of the operator's identity provider (OpenID Connect). */
export interface OidcOptions {
  issuer: string;
  /** The required audience of tokens. */
  audience: string;
  /** The claim that identifies the workspace, by its id or UUID. */
  workspaceClaim: string;
  /** The claim that identifies the agent, by e-mail address or id. */
  agentClaim: string;
  /** The scopes of agents who sign in, unless their token has fewer. */
  scopes: readonly string[];
}

/** The identity in a token. */
export interface Identity {
  workspace: string;
  agent: string;
  /** The issuer's permanent identifier of the person, which is never given to anyone else. */
  person: string;
  /** The scopes of the token that exist here; null when it has none of them. */
  scopes: ReadonlySet<Scope> | null;
  id: string;
  madeAt: Date;
  expiresAt: Date;
}

/** Finds the key of the agent that a token identifies. The key is created at the first sign-in. */
export interface SignIn {
  /** @throws UNAUTHENTICATED; UNAVAILABLE when the issuer does not answer and its keys are not cached. */
  identify(token: string): Promise<Pick<Identity, 'scopes' | 'id' | 'expiresAt' | 'person'> & { keyHash: string }>;
}

/** Only signatures by keys that the issuer publishes. Signatures with a shared secret, and "none", are excluded. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const clockToleranceSeconds = 30;
const timeoutMs = 5_000;
/** How long the keys of the issuer are cached, and how long they are not requested again when a key is missing. */
const keysMaxAgeMs = 10 * 60_000;
const cooldownMs = 30_000;
const maxTokenLength = 8_192;
/** Larger than any discovery document or key set. */
const maxAnswerBytes = 256 * 1_024;
/**
 * How long a response of the issuer, or its failure, is reused. Anybody can send tokens that cause a request to the
 * issuer.
 */
const pauseMs = 1_000;

export const isJwt = (text: string): boolean =>
  text.length <= maxTokenLength && /^[\w-]{10,}\.[\w-]{2,}\.[\w-]{10,}$/.test(text);

/** Verifies tokens of an issuer. Its keys are discovered when the first token arrives. */
export function tokenVerifier(options: OidcOptions): (token: string) => Promise<Identity> {
  const { issuer, audience } = options;
  let keys: Promise<JWTVerifyGetKey> | undefined;
  let clock = offsetOfClock();
  const ask = createAsker();
  const keysOf = (): Promise<JWTVerifyGetKey> => {
    // The library measures the age of the keys by the system clock. If that was set back, it would request new keys
    // much too late.
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

/** Changes when the system clock is set forward or back. */
const offsetOfClock = (): number => Date.now() - performance.now();

/** Returns the JSON at a URL of the issuer. */
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

/** Requests each URL of the issuer at most once per pause. */
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

/** @throws when the response exceeds the limit. The rest is not read. */
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

/** The database cannot store NUL or unpaired surrogates, and no name has control characters. */
const usable = /^[^\p{Cc}\p{Cs}]{1,320}$/u;

const timeOf = (seconds = 0): Date => new Date(seconds * 1_000);

/**
 * The error to send. A fault of the token is reported to the caller; a failure of the issuer is not the caller's fault.
 */
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

/** Whether the token is genuine but has expired. */
export const hasEnded = ({ cause }: AppError): boolean => cause instanceof errors.JWTExpired;

const wrong = (message: string): AppError => new AppError('UNAUTHENTICATED', message);
