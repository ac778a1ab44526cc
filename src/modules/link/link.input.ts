import { z } from 'zod';
import { id, ifVersion, name, notNull, webUrl } from '../../lib/values/validation.js';

const maxName = 255;
const linkName = name(maxName).nullish();
const aboutName = `The display name, at most ${maxName} characters`;
const aboutUrl = 'The target: an http or https URL.';
const one = { id: id.describe('The link.'), ifVersion: ifVersion('link') };

export const createLinkInput = z.object({
  url: webUrl.describe(aboutUrl),
  name: linkName.describe(`${aboutName}.`),
  campaignId: id.nullish().describe('The campaign that the link belongs to.'),
});

export const updateLinkInput = z.object({
  ...one,
  url: notNull(webUrl).describe(aboutUrl),
  name: linkName.describe(`${aboutName}; null removes it.`),
  campaignId: id.nullish().describe('The campaign of new clicks on the link; null for none.'),
});

export const deleteLinkInput = z.object(one);

export type CreateLinkInput = z.input<typeof createLinkInput>;
export type UpdateLinkInput = z.input<typeof updateLinkInput>;
export type DeleteLinkInput = z.input<typeof deleteLinkInput>;
