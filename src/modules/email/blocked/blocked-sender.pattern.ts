import { comparableAddress, isMailAddress } from '../../../lib/text/email.js';

/** The form in which patterns are stored and compared. People also write domains with a leading "@". */
export const patternOf = (given: string): string => comparableAddress(given.replace(/^@/, '').normalize('NFC'));

export const isAddress = (pattern: string): boolean => pattern.includes('@');

/**
 * Whether the pattern is an e-mail address or a domain. A name without a dot is more likely a typing error than a
 * domain.
 */
export const isPattern = (pattern: string): boolean =>
  isAddress(pattern) ? isMailAddress(pattern) : pattern.includes('.') && isMailAddress(`a@${pattern}`);

/** All patterns that match the address: the address, its domain, and the parent domains. */
export function patternsFor(address: string): string[] {
  const whole = patternOf(address);
  const labels = whole.slice(whole.lastIndexOf('@') + 1).split('.');
  return [whole, ...labels.map((_, index) => labels.slice(index).join('.'))];
}
