import { maskHtml } from './mask-html.js';
import { emailPattern, identifierPattern, namePattern, phonePattern } from './mentions.js';

/** The values that identify a person. */
export interface Identity {
  emails: readonly string[];
  phones: readonly string[];
  /** Full names, and parts of names that nobody else has. */
  names: readonly string[];
  externalIds: readonly string[];
}

/** Replaces what named a person. */
export const masked = '[redacted]';

/** Removes from texts what names a person. Each function returns the same value if it names nobody. */
export interface Mask {
  text(text: string): string;
  /** HTML: its text and its attributes. Empty when it cannot be written from the parsed document. */
  html(html: string): string;
  /** A JSON value: its strings, its numbers, and the names of its fields. */
  json<Value>(value: Value): Value;
}

/** Null when the identity has nothing distinctive. */
export function maskOf({ emails, phones, names, externalIds }: Identity): Mask | null {
  const patterns = [
    ...emails.map(emailPattern),
    ...externalIds.map(identifierPattern),
    ...phones.map(phonePattern),
    // Longer names first, so that no part is masked within a full name.
    ...names.toSorted((one, other) => other.length - one.length).map(namePattern),
  ].filter((pattern) => pattern !== null);
  if (patterns.length === 0) return null;
  const form = new RegExp(patterns.join('|'), 'giu');

  return maskBy(
    (text) => text.replace(form, masked),
    (html) => maskHtml(html, form, masked),
  );
}

/** Masks like `all`, but only in texts in which `certain` finds the person. */
export const maskWhereNamed = (certain: Mask, all: Mask): Mask =>
  maskBy(
    (text) => (certain.text(text) === text ? text : all.text(text)),
    (html) => (certain.html(html) === html ? html : all.html(html)),
  );

function maskBy(text: Mask['text'], html: Mask['html']): Mask {
  const json = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') return text(String(value)) === String(value) ? value : masked;
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [text(name), json(inner)]));
  };
  return {
    text,
    html,
    json: <Value>(value: Value) => {
      const made = json(value) as Value;
      return JSON.stringify(made) === JSON.stringify(value) ? value : made;
    },
  };
}
