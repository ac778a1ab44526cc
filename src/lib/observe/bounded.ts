/** The common name for values that are invalid, or that came after the limit was reached. */
export const otherName = 'other';

/**
 * Accepts a limited number of distinct names and replaces all others by one common name, so that values chosen by
 * clients cannot fill the memory of this process or of the metrics store.
 */
export function boundedNames(most: number, form = /^[\w.:/ @+-]{1,64}$/): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= most || !form.test(name)) return otherName;
    known.add(name);
    return name;
  };
}
