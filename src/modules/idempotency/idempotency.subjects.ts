/** Finds the objects that idempotency records are about, so that the records are found when a person is erased. */

const subjectNames = new Set([
  'id',
  'customerId',
  'conversationId',
  'contactId',
  'sourceId',
  'targetId',
  'mergedIntoId',
]);
const maxSubjects = 1_000;

/** The ids in the result of a transaction: of customers, conversations and other objects. */
export function subjectsOf(result: unknown): string[] {
  const ids = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ids.size >= maxSubjects) return;
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && subjectNames.has(name)) ids.add(inner);
      else collect(inner);
    }
  };
  collect(result);
  return [...ids];
}
