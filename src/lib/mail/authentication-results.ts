/** Reads the authentication results of mail servers: the header fields of RFC 8601. */

export const authenticationResults = [
  'NONE',
  'PASS',
  'FAIL',
  'SOFTFAIL',
  'NEUTRAL',
  'POLICY',
  'TEMPERROR',
  'PERMERROR',
] as const;
export type AuthenticationResult = (typeof authenticationResults)[number];

/** The result of each method; null where there is none. */
export interface Authentication {
  spf: AuthenticationResult | null;
  dkim: AuthenticationResult | null;
  dmarc: AuthenticationResult | null;
}

/** One Authentication-Results field, with the server that wrote it. */
export interface AuthenticationField extends Authentication {
  /** In lower case. */
  authservId: string;
  /** The number of Received fields above it, which is the number of servers that passed the e-mail on afterwards. */
  hop: number;
}

const maxFields = 50;
const maxLength = 16_384;

/** The fields of an e-mail, from the top down. `fields` are all fields of its header. */
export function authenticationFieldsOf(fields: readonly { name: string; bytes: Buffer }[]): AuthenticationField[] {
  const found: AuthenticationField[] = [];
  let hop = 0;
  for (const { name, bytes } of fields) {
    if (name === 'received') hop += 1;
    if (name !== 'authentication-results' || bytes.length > maxLength || found.length >= maxFields) continue;
    const read = readField(bytes.toString('utf8', bytes.indexOf(':') + 1));
    if (read) found.push({ ...read, hop });
  }
  return found;
}

/**
 * The results of the trusted servers; null if there are none. Anybody can write such a field into an e-mail under any
 * name, and not every server removes forged ones. A server adds its own fields at the top. So only fields next to the
 * topmost trusted one count, with no Received field in between, and for each method the topmost of them.
 */
export function authenticationOf(
  fields: readonly AuthenticationField[],
  trusted: ReadonlySet<string>,
): Authentication | null {
  const ours = fields.filter(({ authservId }) => trusted.has(authservId));
  const topmost = ours.filter(({ hop }) => hop === ours[0]?.hop);
  const first = (method: keyof Authentication) => topmost.map((field) => field[method]).find((one) => one !== null);
  const { spf = null, dkim = null, dmarc = null } = { spf: first('spf'), dkim: first('dkim'), dmarc: first('dmarc') };
  return (spf ?? dkim ?? dmarc) ? { spf, dkim, dmarc } : null;
}

/** The names of mail servers in a list, in lower case. Throws an error with the part that is not a name. */
export function readAuthservIds(text: string): ReadonlySet<string> {
  const ids = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((id) => id !== '');
  const bad = ids.find((id) => !/^[\p{L}\p{N}._-]{1,255}$/u.test(id));
  if (bad !== undefined) throw new Error(bad);
  return new Set(ids);
}

/** The result of one method: `spf=pass smtp.mailfrom=x.example`. */
interface Finding {
  method: string;
  result: AuthenticationResult;
  properties: string;
}

function readField(value: string): Omit<AuthenticationField, 'hop'> | null {
  const [head = '', ...rest] = partsOf(value);
  const [authservId = '', version = '1', ...more] = head.trim().split(/\s+/);
  // Other versions may use the same words with another meaning.
  if (!/^[^=]+$/.test(authservId) || version !== '1' || more.length > 0) return null;
  const findings = rest.flatMap((part) => findingIn(part) ?? []);
  const of = (method: string) => findings.filter((finding) => finding.method === method);
  const spf = of('spf');
  const dkim = of('dkim');
  return {
    authservId: authservId.toLowerCase(),
    // The result for the sender address is more meaningful than that for the name in the server's greeting.
    spf: (spf.find(({ properties }) => /\bsmtp\.mailfrom\s*=/i.test(properties)) ?? spf[0])?.result ?? null,
    // An e-mail can have several signatures. One valid signature is enough.
    dkim: (dkim.find(({ result }) => result === 'PASS') ?? dkim[0])?.result ?? null,
    dmarc: of('dmarc')[0]?.result ?? null,
  };
}

function findingIn(part: string): Finding | undefined {
  const [, method = '', word = '', properties = ''] =
    /^\s*([a-z][a-z0-9-]*)\s*(?:\/\s*1\s*)?=\s*([a-z]+)(?:\s(.*))?$/is.exec(part) ?? [];
  // The name of this result before RFC 7601.
  const named = word.toUpperCase() === 'HARDFAIL' ? 'FAIL' : word.toUpperCase();
  const result = authenticationResults.find((known) => known === named);
  return result && { method: method.toLowerCase(), result, properties };
}

/** The value split at its semicolons, without comments. Special characters within quotes are replaced. */
function partsOf(value: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let isQuoted = false;
  for (let place = 0; place < value.length; place += 1) {
    const sign = value.charAt(place);
    if (sign === '\\' && (isQuoted || depth > 0)) {
      place += 1;
      if (isQuoted) part += '_';
    } else if (isQuoted) {
      isQuoted = sign !== '"';
      if (isQuoted) part += /[\w.@:+-]/.test(sign) ? sign : '_';
    } else if (sign === '(') {
      depth += 1;
      part += ' ';
    } else if (depth > 0) {
      if (sign === ')') depth -= 1;
    } else if (sign === '"') {
      isQuoted = true;
    } else if (sign === ';') {
      parts.push(part);
      part = '';
    } else part += sign;
  }
  return [...parts, part];
}
