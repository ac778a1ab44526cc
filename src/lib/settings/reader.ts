import { StartError } from '../process/start-error.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The message is one line with the name of the variable, the fault of its value, and the expected value. */
export class EnvironmentError extends StartError {
  override readonly name = 'EnvironmentError';

  constructor(variable: string, fault: string, wanted: string) {
    super(`${variable} ${fault}; wanted: ${wanted}.`);
  }
}

/** Reads variables by their names. Each method throws an EnvironmentError for an invalid value. */
export type Reader = ReturnType<typeof readerOf>;

export function readerOf(variables: Variables) {
  // An empty value counts as absent, because .env files and container tools write it like that.
  const value = (name: string): string | undefined => variables[name]?.trim() || undefined;

  const integer = (name: string, fallback: number, least: number, most: number): number => {
    const text = value(name);
    if (text === undefined) return fallback;
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new EnvironmentError(name, `is ${quote(text)}`, `a whole number from ${least} to ${most}`);
  };

  const oneOf = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
    const text = value(name) ?? fallback;
    const found = allowed.find((candidate) => candidate === text);
    if (found !== undefined) return found;
    throw new EnvironmentError(name, `is ${quote(text)}`, `one of ${allowed.join(', ')}`);
  };

  const isOn = (name: string, fallback: 'on' | 'off' = 'on'): boolean => {
    const text = value(name) ?? fallback;
    if (text === 'on' || text === 'off') return text === 'on';
    throw new EnvironmentError(name, `is ${quote(text)}`, 'on or off');
  };

  /** A list. `read` throws an error whose message is the invalid part. */
  const list = <T>(name: string, read: (text: string) => T, wanted: string): T => {
    try {
      return read(value(name) ?? '');
    } catch (error) {
      const part = error instanceof Error ? error.message : '';
      throw new EnvironmentError(name, `holds ${quote(part)}`, wanted);
    }
  };

  const url = (name: string, kind: UrlKind): string | undefined => {
    const text = value(name);
    return text === undefined ? undefined : checkUrl(name, text, kind);
  };

  return { value, integer, oneOf, isOn, list, url };
}

/** The allowed protocols of each kind of URL. */
const protocolsOf = {
  http: ['http:', 'https:'],
  postgres: ['postgres:', 'postgresql:'],
  redis: ['redis:', 'rediss:'],
  smtp: ['smtp:', 'smtps:'],
} as const;
type UrlKind = keyof typeof protocolsOf;

/** A URL may contain a password, so the message does not repeat it. @throws EnvironmentError */
export function checkUrl(name: string, text: string, kind: UrlKind): string {
  const protocols = protocolsOf[kind];
  const wanted = `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const protocol = protocols.find((candidate) => text.startsWith(`${candidate}//`));
  if (!protocol) throw new EnvironmentError(name, `does not start with ${protocols[0]}//`, wanted);
  // PostgreSQL accepts a URL without a host (the local socket) and a list of hosts. The URL standard does not, so only
  // the first host is checked.
  const rest = text
    .slice(protocol.length + 2)
    .replace(/^([^/@]*@)?([^/?]*?)(?:,[^/?]*)?(?=[/?]|$)/, (_, user = '', host) => `${user}${host || 'localhost'}`);
  const lacksHost = kind !== 'postgres' && /^[a-z]+:\/\/(?:[^/@]*@)?(?:[/?]|$)/.test(text);
  if (lacksHost || /\s/.test(text) || !URL.canParse(`http://${rest}`))
    throw new EnvironmentError(name, 'is not a URL', wanted);
  return text;
}

/** The value on one line. */
export const quote = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
