import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Phone numbers by the numbering plans of all countries. */

/** Whether it is an ISO 3166 country code, in capitals, whose numbers can be parsed. */
export const isPhoneCountry = (code: string): boolean => isSupportedCountry(code);

export interface PhoneNumber {
  /** Such as "+14157770288". */
  e164: string;
  /** Without the code of the country, such as "4157770288". */
  national: string;
}

/**
 * The phone number in a text, with a country code or in the format of `country`; null when it is invalid or when its
 * country is unknown. "00" stands for "+".
 */
export function phoneNumberOf(text: string, country: string | null = null): PhoneNumber | null {
  const written = text
    .normalize('NFKC')
    // Telephones put direction marks around numbers that are copied from them.
    .replace(/\p{Cf}/gu, '')
    .replace(/^\s*(?:tel:|callto:|sms:)/iu, '')
    .replaceAll('(0)', '')
    .replace(/^\s*00(?=\s*\d)/u, '+');
  const home: CountryCode | undefined = country !== null && isSupportedCountry(country) ? country : undefined;
  const number = parsePhoneNumberFromString(written, { extract: false, ...(home && { defaultCountry: home }) });
  return number?.isPossible() ? { e164: number.number, national: number.nationalNumber } : null;
}
