import { comparableAddress, isMailAddress } from '../../../lib/text/email.js';

/** The form in which patterns are kept and compared. People write domains with an @ before them, too. */
export const patternOf = (given: string): string => comparableAddress(given.replace(/^@/, '').normalize('NFC'));

export const isAddress = (pattern: string): boolean => pattern.includes('@');

/** Whether it is an address that mails come from, or a domain. A name without a dot is more likely a slip than a domain. */
export const isPattern = (pattern: string): boolean =>
  isAddress(pattern) ? isMailAddress(pattern) : pattern.includes('.') && isMailAddress(`a@${pattern}`);

/** All patterns that stand for the address: the address, its domain, and the domains above that. */
export function patternsFor(address: string): string[] {
  const whole = patternOf(address);
  const labels = whole.slice(whole.lastIndexOf('@') + 1).split('.');
  return [whole, ...labels.map((_, index) => labels.slice(index).join('.'))];
}
