/**
 * The id of a trusted document, as it is written in URLs and JSON, such as "sha256:…". It is much shorter than the text
 * of a document.
 */
const form = /^[\w.:/+=-]{1,200}$/;

export const isDocumentId = (text: string): boolean => form.test(text);
