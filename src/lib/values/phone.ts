import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Phone numbers by the numbering plans of all countries. */

/** Whether it is the ISO 3166 code of a country, in capitals, whose numbers can be read. */
export const isPhoneCountry = (code: string): boolean => isSupportedCountry(code);

export interface PhoneNumber {
  /** Such as "+14157770288". */
  e164: string;
  /** Without the code of the country, such as "4157770288". */
  national: string;
}

/**
 * The number that a text is, be it written with the code of a country or as in `country`; null when it is none or when the
 * country is not known. "00" stands for "+".
 */
export function phoneNumberOf(text: string, country: string | null = null): PhoneNumber | null {
  const written = text
    .normalize('NFKC')
    // Telephones put marks of direction around the numbers that are copied from them.
    .replace(/\p{Cf}/gu, '')
    .replace(/^\s*(?:tel:|callto:|sms:)/iu, '')
    .replaceAll('(0)', '')
    .replace(/^\s*00(?=\s*\d)/u, '+');
  const home: CountryCode | undefined = country !== null && isSupportedCountry(country) ? country : undefined;
  const number = parsePhoneNumberFromString(written, { extract: false, ...(home && { defaultCountry: home }) });
  return number?.isPossible() ? { e164: number.number, national: number.nationalNumber } : null;
}
