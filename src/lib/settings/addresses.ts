import { isIP } from 'node:net';
import { isEmail } from '../text/email.js';
import { EnvironmentError, type Reader } from './reader.js';

/** The public URL of a gateway without PUBLIC_URL. */
export function defaultPublicUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  // The zone of a link-local address (fe80::1%eth0) has a meaning only on this machine and cannot be in a URL.
  const [address = ''] = host.split('%', 1);
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/**
 * support@ and the public host. A reserved host name is used if the public host is an IP address or is not valid in an
 * e-mail address.
 */
export function defaultMailFrom(publicUrl: string): string {
  const address = `support@${new URL(publicUrl).hostname}`;
  return isEmail(address) && isIP(new URL(publicUrl).hostname) === 0 ? address : 'support@deskgraph.localhost';
}

/**
 * The public URL and the base path of the gateway, both without a slash at the end. `own` is the URL at which it
 * listens.
 * @throws EnvironmentError
 */
export function readAddress({ value, url }: Reader, own: string): { publicUrl: string; basePath: string } {
  const given = value('BASE_PATH') ?? '';
  const basePath = given.replace(/\/+$/, '');
  if (!/^(?:\/[\w~-][\w.~-]*)*$/.test(basePath) || given.length > 255) {
    const wanted = 'a path such as /support, of letters, digits, ".", "_", "~" or "-"';
    throw new EnvironmentError('BASE_PATH', `is ${JSON.stringify(given.slice(0, 60))}`, wanted);
  }
  const publicUrl = (url('PUBLIC_URL', 'http') ?? `${own}${basePath}`).replace(/\/+$/, '');
  const { username, password, pathname } = new URL(publicUrl);
  // The URL is shown to everybody, and paths are appended to it.
  if (username !== '' || password !== '') {
    throw new EnvironmentError('PUBLIC_URL', 'holds a user or password', 'one without, since it is told to everybody');
  }
  if (/[?#]/.test(publicUrl)) {
    throw new EnvironmentError('PUBLIC_URL', 'goes on behind its path', 'one without "?" and "#"');
  }
  if (basePath !== '' && pathname !== basePath) {
    throw new EnvironmentError('PUBLIC_URL', 'has another path than BASE_PATH', `one that ends with ${basePath}`);
  }
  return { publicUrl, basePath };
}
