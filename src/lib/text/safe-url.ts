import { unescape as percentDecoded } from 'node:querystring';
import { isEmail } from './email.js';

/** Longer ones are not followed by all browsers. */
const maxLength = 4_000;

/** A scheme, then no more than a host may have: the time to parse a host grows with the square of its length. */
const shortHost = /^[^:]*:[/\\]*[^/\\?#]{0,255}(?:[/\\?#]|$)/;

const isShort = (address: string): boolean => address.length <= maxLength && shortHost.test(address);

/** Where a stranger's link may lead, as the URL that was parsed; null when it may not be followed. */
export function safeLink(text: string): string | null {
  // As a browser does first, so that the length of the host can be seen.
  const address = text.replace(/[\t\n\r]+/g, '');
  // Without a base: what a browser would take for a path of the page that it stands in is no URL, or gets a host.
  if (!isShort(address) || !URL.canParse(address)) return null;
  const link = linkTo(new URL(address));
  return link && isShort(link) ? link : null;
}

/** From where a stranger's image may be loaded, as the URL that was parsed; null when it may not. */
export function safeImage(text: string): string | null {
  const link = safeLink(text);
  return link && /^https?:/.test(link) ? link : null;
}

function linkTo(url: URL): string | null {
  if (url.protocol === 'mailto:') return mailLink(url);
  if (url.protocol === 'tel:') return phoneLink(url);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : null;
}

/** With subject and text only: other headers name hidden recipients or attach files of the reader. */
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

/** A number of up to 15 digits (E.164); none of the codes with * and # that set up a phone. */
function phoneLink({ pathname }: URL): string | null {
  const number = percentDecoded(pathname).replace(/[\s()./-]+/g, '');
  return /^\+?\d{2,15}$/.test(number) ? `tel:${number}` : null;
}
