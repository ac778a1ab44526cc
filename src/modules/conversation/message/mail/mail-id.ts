/** The form in which Message-IDs are compared: mail servers change the case of the host. Only ASCII, as the database does. */
export const comparableMailId = (id: string): string => id.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * The forms in which the relay may have said these ids when it took a mail: as they are, or without the host, as the
 * answer of SES has it.
 */
export const relayIdsOf = (ids: readonly string[]): string[] =>
  ids.map(comparableMailId).flatMap((id) => (id.includes('@') ? [id, id.slice(0, id.lastIndexOf('@'))] : [id]));
