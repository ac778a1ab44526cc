import { key, list } from './validation.js';

/** Tags of customers and conversations: the complete list, without duplicates, in the given order. */

export const maxTags = 50;
export const maxTag = 64;

export const tags = list(key(maxTag), maxTags, `At most ${maxTags} tags.`).transform((given) => [...new Set(given)]);

export const aboutTags = `at most ${maxTags}, each of at most ${maxTag} characters`;
