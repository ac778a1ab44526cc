import { unescape as percentDecoded } from 'node:querystring';
import { isEmail } from './email.js';

/** Not all browsers follow longer URLs. */
const maxLength = 4_000;

/**
 * A scheme and a host of at most the allowed length. Parsing a host takes time in proportion to the square of its
 * length.
 */
const shortHost = /^[^:]*:[/\\]*[^/\\?#]{0,255}(?:[/\\?#]|$)/;

const isShort = (address: string): boolean => address.length <= maxLength && shortHost.test(address);

/** The target of a link from an unknown sender, as a parsed URL; null when it is not safe to follow. */
export function safeLink(text: string): string | null {
  // Browsers remove these characters first. After that the length of the host can be checked.
  const address = text.replace(/[\t\n\r]+/g, '');
  // Parsed without a base URL. A relative path is refused, and a scheme-relative URL gets a host.
  if (!isShort(address) || !URL.canParse(address)) return null;
  const link = linkTo(new URL(address));
  return link && isShort(link) ? link : null;
}

/** The source of an image from an unknown sender, as a parsed URL; null when it is not safe to load. */
export function safeImage(text: string): string | null {
  const link = safeLink(text);
  return link && /^https?:/.test(link) ? link : null;
}

function linkTo(url: URL): string | null {
  if (url.protocol === 'mailto:') return mailLink(url);
  if (url.protocol === 'tel:') return phoneLink(url);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : null;
}

/**
 * A mailto link with only a subject and a body. Other headers could name hidden recipients or attach files of the
 * reader.
 */
function mailLink({ pathname, search }: URL): string | null {
  const recipients = pathname.split(',').map((recipient) => percentDecoded(recipient).trim());
  if (!recipients.every(isEmail)) return null;
  const addresses = recipients.map((recipient) =>
    encodeURIComponent(recipient).replace('%40', '@').replaceAll('%2B', '+'),
  );
  const headers = [...new URLSearchParams(search.replaceAll('+', '%2B'))].flatMap(([name, value]) => {
    const header = name.toLowerCase();
    const isKept = header === 'body' || (header === 'subject' && !/\p{Cc}/u.test(value));
    return isKept ? [`${header}=${encodeURIComponent(value)}`] : [];
  });
  return `mailto:${addresses.join()}${headers.length > 0 ? `?${headers.join('&')}` : ''}`;
}

/** A number of up to 15 digits (E.164). Codes with * and #, which can change the settings of a phone, are refused. */
function phoneLink({ pathname }: URL): string | null {
  const number = percentDecoded(pathname).replace(/[\s()./-]+/g, '');
  return /^\+?\d{2,15}$/.test(number) ? `tel:${number}` : null;
}
