import { maskHtml } from './mask-html.js';
import { emailPattern, identifierPattern, namePattern, phonePattern } from './mentions.js';

/** By what a person is named. */
export interface Identity {
  emails: readonly string[];
  phones: readonly string[];
  /** Whole names, and those parts of them that name nobody else. */
  names: readonly string[];
  externalIds: readonly string[];
}

/** What stands in the place of what named a person. */
export const masked = '[redacted]';

/** Takes out of texts what names a person. Each function gives back the very value when it names nobody. */
export interface Mask {
  text(text: string): string;
  /** HTML, by its text and its attributes; empty when it cannot be written anew. */
  html(html: string): string;
  /** A JSON value: its texts, its numbers, and the names of its fields. */
  json<Value>(value: Value): Value;
}

/** Null when the identity has nothing that can be told from other texts. */
export function maskOf({ emails, phones, names, externalIds }: Identity): Mask | null {
  const patterns = [
    ...emails.map(emailPattern),
    ...externalIds.map(identifierPattern),
    ...phones.map(phonePattern),
    // Longer ones first, so that no part is taken out of a whole one.
    ...names.toSorted((one, other) => other.length - one.length).map(namePattern),
  ].filter((pattern) => pattern !== null);
  if (patterns.length === 0) return null;
  const form = new RegExp(patterns.join('|'), 'giu');

  return maskBy(
    (text) => text.replace(form, masked),
    (html) => maskHtml(html, form, masked),
  );
}

/** Masks as `all` does, but only those texts that `certain` finds the person in. */
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
