import { isIP } from 'node:net';
import { isEmail } from '../text/email.js';
import { EnvironmentError, type Reader } from './reader.js';

/** Where clients reach a gateway without PUBLIC_URL. */
export function defaultPublicUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  // The zone of a link-local address (fe80::1%eth0) is a name of this machine, which no URL has.
  const [address = ''] = host.split('%', 1);
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** support@ the public host, or at a reserved host name if the public host is an IP address or cannot stand in an e-mail address. */
export function defaultMailFrom(publicUrl: string): string {
  const address = `support@${new URL(publicUrl).hostname}`;
  return isEmail(address) && isIP(new URL(publicUrl).hostname) === 0 ? address : 'support@deskgraph.localhost';
}

/**
 * Where clients reach the gateway, and the path below which it serves, both without a slash at the end. `own` is where it
 * listens. @throws EnvironmentError
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
  // Everybody is told it, and paths are put behind it.
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
