/**
 * What two JSON values have to have in common to be of one shape: the names of fields and the kinds of values. Lists are
 * as their first elements. What is null, or an empty list, in `other` is of any kind, and so is what the program keeps as
 * it comes: metadata, and the fields of changes.
 */
export function shapeOf(value: unknown, other: unknown): unknown {
  if (value === null || other === null) return 'anything';
  if (Array.isArray(value) && Array.isArray(other)) {
    return value.length === 0 || other.length === 0 ? ['anything'] : [shapeOf(value[0], other[0])];
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        isObject(other) && name in other && !open.includes(name) ? shapeOf(inner, other[name]) : 'anything',
      ]),
    );
  }
  return typeof value;
}

const open = ['metadata', 'customFields', 'before', 'after'];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
