import { z } from 'zod';

/** Countries by their codes of ISO 3166. */

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Codes that look like a country code but are not assigned to a country. */
const unassigned = new Set(['EU', 'EZ', 'QO', 'UN', 'ZZ', 'XA', 'XB']);

/** The English name of a country, such as "Germany"; the code itself when it is unknown. */
export const countryName = (code: string): string => names.of(code) ?? code;

const isCountry = (code: string): boolean =>
  /^[A-Z]{2}$/.test(code) && !unassigned.has(code) && names.of(code) !== undefined;

export const countryCode = z.string().refine(isCountry, 'Must be an ISO 3166 code of two capital letters, such as DE.');
