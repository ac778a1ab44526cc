/** Whom the records under idempotency keys are about, so that they are found when a person is erased. */

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

/** The ids in what a transaction returned: of customers, conversations and what else it has. */
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
