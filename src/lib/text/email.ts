import { domainToASCII } from 'node:url';

/**
 * An e-mail address as people have them: any characters except those that separate addresses or header parts, and a
 * domain with a dot. Quoted local parts are not accepted, because nobody uses them.
 */
const form =
  /^[^\s@<>()[\]\\,;:"\p{Cc}]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])$/u;

const maxLength = 320;

export const isEmail = (address: string): boolean =>
  address.length <= maxLength && form.test(address) && !/^\.|\.\.|\.@/.test(address);

/**
 * The same, and also what mail servers really send from: hosts without a dot or with underscores, IP addresses in
 * brackets, consecutive dots, quoted local parts.
 */
const mailForm =
  /^(?:[^\s@<>()[\]\\,;:"\p{Cc}]+|"[^"\\\p{Cc}<>@,;:()[\]]{1,64}")@(?:[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}_])?|\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[\da-f:.]{2,45})\])$/iu;

/** Whether mail can come from the address. Addresses that people enter must satisfy `isEmail`. */
export const isMailAddress = (address: string): boolean =>
  address.length <= maxLength && mailForm.test(address) && !address.includes('..', address.lastIndexOf('@'));

/** The form in which addresses and domains are compared: composed, in lower case, with the domain in its ASCII form. */
export function comparableAddress(address: string): string {
  const composed = address.normalize('NFC');
  const at = composed.lastIndexOf('@');
  const host = composed.slice(at + 1);
  const ascii = /[^\p{ASCII}]/u.test(host) ? domainToASCII(host) || host : host;
  return `${composed.slice(0, at + 1)}${ascii}`.toLowerCase();
}

/** The form in which an address is stored: trimmed, composed, and with a non-ASCII domain in its ASCII form. */
export function oneSpelling(address: string): string {
  const composed = address.trim().normalize('NFC');
  const at = composed.lastIndexOf('@');
  const domain = composed.slice(at + 1);
  if (at < 0 || /^[ -~]*$/.test(domain)) return composed;
  const ascii = domainToASCII(domain);
  return ascii === '' ? composed : `${composed.slice(0, at)}@${ascii}`;
}
