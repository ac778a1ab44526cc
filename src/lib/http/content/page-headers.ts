/** The sources from which a page may load, in addition to the files of the gateway. */
export interface PageSources {
  /** Sources of scripts, such as hashes of inline scripts. When left out, only our own files. */
  scripts?: readonly string[];
  styles?: readonly string[];
  fonts?: readonly string[];
  workers?: readonly string[];
}

/**
 * The headers of every page. A page loads nothing from other hosts, sends nothing to them, runs only its own scripts,
 * and cannot be framed, because users type keys into it.
 */
export function pageHeaders(sources: PageSources = {}): Record<string, string> {
  const { scripts = ["'self'"], styles = ["'self'"], fonts = [], workers = [] } = sources;
  const list = (from: readonly string[]): string => (from.length > 0 ? from.join(' ') : "'none'");
  const policy = [
    "default-src 'none'",
    `script-src ${list(scripts)}`,
    `style-src ${list(styles)}`,
    `font-src ${list(fonts)}`,
    `worker-src ${list(workers)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    // Browsers revalidate the page each time, and receive it only when it has changed.
    'Cache-Control': 'no-cache',
  };
}
