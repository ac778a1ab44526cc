import { useState } from 'preact/hooks';

/**
 * The state of the page is in its URL, so that it can be bookmarked, sent and reloaded. Keys and personal data are not.
 */

const ask = (name: string): string => new URLSearchParams(location.search).get(name) ?? '';

function put(name: string, value: string): void {
  const asked = new URLSearchParams(location.search);
  if (value === '') asked.delete(name);
  else asked.set(name, value);
  const text = asked.toString();
  history.replaceState(null, '', `${location.pathname}${text && `?${text}`}${location.hash}`);
}

/** State with one of a few values. The first one is the default and is not written to the URL. */
export function useChoice<Value extends string>(
  name: string,
  options: readonly (readonly [value: Value, text: string])[],
  first: NoInfer<Value>,
): [Value, (value: Value) => void] {
  const [value, setValue] = useState(options.find(([option]) => option === ask(name))?.[0] ?? first);
  const choose = (next: Value): void => {
    put(name, next === first ? '' : next);
    setValue(next);
  };
  return [value, choose];
}

/** State with several days; each is null if it is not set. */
export function useDays<Name extends string>(
  ...names: Name[]
): [Record<Name, string | null>, (days: Record<Name, string | null>) => void] {
  const read = (): Record<Name, string | null> => {
    const days = names.map((name) => [name, /^\d{4}-\d\d-\d\d$/.test(ask(name)) ? ask(name) : null]);
    return Object.fromEntries(days) as Record<Name, string | null>;
  };
  const [days, setDays] = useState(read);
  const choose = (next: Record<Name, string | null>): void => {
    for (const name of names) put(name, next[name] ?? '');
    setDays(next);
  };
  return [days, choose];
}
