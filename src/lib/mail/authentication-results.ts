/** Reads what mail servers have found out about the sender of a mail: the header fields of RFC 8601. */

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

/** What each method has found; null where nobody says. */
export interface Authentication {
  spf: AuthenticationResult | null;
  dkim: AuthenticationResult | null;
  dmarc: AuthenticationResult | null;
}

/** One field, as the server wrote it that names itself. */
export interface AuthenticationField extends Authentication {
  /** In lower case. */
  authservId: string;
  /** How many Received fields stand above it: so many servers have passed the mail on since. */
  hop: number;
}

const maxFields = 50;
const maxLength = 16_384;

/** The fields of a mail, from the topmost down. `fields` are all of its header. */
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
 * What the trusted servers say; null if they say nothing. Anybody can write such a field into a mail, under any name, and not
 * every server removes it. A server adds its own at the top: so only those count that stand with the topmost trusted field,
 * with no Received field between them, and for each method the topmost of these.
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

/** The names of mail servers in a list, in lower case. Throws an error with the part that is none. */
export function readAuthservIds(text: string): ReadonlySet<string> {
  const ids = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((id) => id !== '');
  const bad = ids.find((id) => !/^[\p{L}\p{N}._-]{1,255}$/u.test(id));
  if (bad !== undefined) throw new Error(bad);
  return new Set(ids);
}

/** One method of a field: `spf=pass smtp.mailfrom=x.example`. */
interface Finding {
  method: string;
  result: AuthenticationResult;
  properties: string;
}

function readField(value: string): Omit<AuthenticationField, 'hop'> | null {
  const [head = '', ...rest] = partsOf(value);
  const [authservId = '', version = '1', ...more] = head.trim().split(/\s+/);
  // Other versions may mean something else by the same words.
  if (!/^[^=]+$/.test(authservId) || version !== '1' || more.length > 0) return null;
  const findings = rest.flatMap((part) => findingIn(part) ?? []);
  const of = (method: string) => findings.filter((finding) => finding.method === method);
  const spf = of('spf');
  const dkim = of('dkim');
  return {
    authservId: authservId.toLowerCase(),
    // The name that a server greets with says less than the address that the mail is from.
    spf: (spf.find(({ properties }) => /\bsmtp\.mailfrom\s*=/i.test(properties)) ?? spf[0])?.result ?? null,
    // A mail has any number of signatures, of which one that is right is enough.
    dkim: (dkim.find(({ result }) => result === 'PASS') ?? dkim[0])?.result ?? null,
    dmarc: of('dmarc')[0]?.result ?? null,
  };
}

function findingIn(part: string): Finding | undefined {
  const [, method = '', word = '', properties = ''] =
    /^\s*([a-z][a-z0-9-]*)\s*(?:\/\s*1\s*)?=\s*([a-z]+)(?:\s(.*))?$/is.exec(part) ?? [];
  // As it was called before RFC 7601.
  const named = word.toUpperCase() === 'HARDFAIL' ? 'FAIL' : word.toUpperCase();
  const result = authenticationResults.find((known) => known === named);
  return result && { method: method.toLowerCase(), result, properties };
}

/** The value parted at its semicolons, without comments; what is quoted keeps no sign that means something. */
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
