/** An id of a trusted document, as it stands in URLs and JSON, such as "sha256:…"; none is as long as a text. */
const form = /^[\w.:/+=-]{1,200}$/;

export const isDocumentId = (text: string): boolean => form.test(text);
