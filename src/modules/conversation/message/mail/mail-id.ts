/** The form in which Message-IDs are compared: mail servers change the case of the host. Only ASCII, as the database does. */
export const comparableMailId = (id: string): string => id.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
