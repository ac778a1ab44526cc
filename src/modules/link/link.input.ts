import { z } from 'zod';
import { id, ifVersion, key, list, name, notNull, webUrl } from '../../lib/values/validation.js';

const maxName = 255;
const linkName = name(maxName).nullish();
const aboutName = `The display name, at most ${maxName} characters`;
const aboutUrl = 'The target: an http or https URL.';
const maxTags = 50;
const maxTag = 64;
const tags = list(key(maxTag), maxTags, `At most ${maxTags} tags.`).transform((given) => [...new Set(given)]);
const aboutTags = `at most ${maxTags}, each of at most ${maxTag} characters.`;
const shortCode = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Must be 1 to 64 letters, digits, hyphens and underscores.')
  .nullish();
const aboutCode = 'The short code, unique in the workspace: 1 to 64 letters, digits, hyphens and underscores';
const one = { id: id.describe('The link.'), ifVersion: ifVersion('link') };

export const createLinkInput = z.object({
  url: webUrl.describe(aboutUrl),
  name: linkName.describe(`${aboutName}.`),
  campaignId: id.nullish().describe('The campaign that the link belongs to.'),
  shortCode: shortCode.describe(`${aboutCode}. A random one of seven digits and letters if omitted.`),
  tags: tags.nullish().describe(`The tags, ${aboutTags}`),
});

export const updateLinkInput = z.object({
  ...one,
  url: notNull(webUrl).describe(aboutUrl),
  name: linkName.describe(`${aboutName}; null removes it.`),
  campaignId: id.nullish().describe('The campaign of new clicks on the link; null for none.'),
  shortCode: shortCode.describe(`${aboutCode}; null removes it.`),
  tags: notNull(tags).describe(`The complete list of tags, which replaces the stored one: ${aboutTags}`),
});

export const deleteLinkInput = z.object(one);

export type CreateLinkInput = z.input<typeof createLinkInput>;
export type UpdateLinkInput = z.input<typeof updateLinkInput>;
export type DeleteLinkInput = z.input<typeof deleteLinkInput>;
