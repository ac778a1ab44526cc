/** What names are counted under that came when there were enough others, or that are no names. */
export const otherName = 'other';

/**
 * Lets the first so many names pass and gives the rest one name in common, so that what clients choose cannot fill the
 * memory of this process or of who stores its metrics.
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
