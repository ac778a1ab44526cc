import { StartError } from '../process/start-error.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The message is one line that names the variable, what is wrong with its value and what is wanted. */
export class EnvironmentError extends StartError {
  override readonly name = 'EnvironmentError';

  constructor(variable: string, fault: string, wanted: string) {
    super(`${variable} ${fault}; wanted: ${wanted}.`);
  }
}

/** Reads variables by their names. Each method throws an EnvironmentError for a value that cannot be used. */
export type Reader = ReturnType<typeof readerOf>;

export function readerOf(variables: Variables) {
  // An empty value counts as none: that is how .env files and container tools spell it.
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

  /** A list; `read` throws an error whose message is the part that cannot be used. */
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

/** The protocols of the URLs that variables hold. */
const protocolsOf = {
  http: ['http:', 'https:'],
  postgres: ['postgres:', 'postgresql:'],
  redis: ['redis:', 'rediss:'],
  smtp: ['smtp:', 'smtps:'],
} as const;
type UrlKind = keyof typeof protocolsOf;

/** URLs may hold passwords, so a bad one is not repeated in the message. @throws EnvironmentError */
export function checkUrl(name: string, text: string, kind: UrlKind): string {
  const protocols = protocolsOf[kind];
  const wanted = `a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const protocol = protocols.find((candidate) => text.startsWith(`${candidate}//`));
  if (!protocol) throw new EnvironmentError(name, `does not start with ${protocols[0]}//`, wanted);
  // PostgreSQL takes a URL without a host (the local socket), which the URL standard does not.
  // It also takes a list of hosts, of which the first one is looked at.
  const rest = text
    .slice(protocol.length + 2)
    .replace(/^([^/@]*@)?([^/?]*?)(?:,[^/?]*)?(?=[/?]|$)/, (_, user = '', host) => `${user}${host || 'localhost'}`);
  const lacksHost = kind !== 'postgres' && /^[a-z]+:\/\/(?:[^/@]*@)?(?:[/?]|$)/.test(text);
  if (lacksHost || /\s/.test(text) || !URL.canParse(`http://${rest}`))
    throw new EnvironmentError(name, 'is not a URL', wanted);
  return text;
}

/** The value as it may stand in one line. */
export const quote = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
