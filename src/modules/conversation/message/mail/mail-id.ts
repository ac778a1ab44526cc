/** The form in which Message-IDs are compared: mail servers change the case of the host. Only ASCII, as the database does. */
export const comparableMailId = (id: string): string => id.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The forms in which a relay may have returned these ids: unchanged, or without the host, as SES does. */
export const relayIdsOf = (ids: readonly string[]): string[] =>
  ids.map(comparableMailId).flatMap((id) => (id.includes('@') ? [id, id.slice(0, id.lastIndexOf('@'))] : [id]));
