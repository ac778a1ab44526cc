/** Where what a page consists of may come from, beside the files of the gateway itself. */
export interface PageSources {
  /** Sources of scripts, such as hashes of those that stand in the page; our own files when left out. */
  scripts?: readonly string[];
  styles?: readonly string[];
  fonts?: readonly string[];
  workers?: readonly string[];
}

/**
 * What every page of ours is sent with: it gets nothing from other hosts, sends nothing to them, runs no script that it was
 * not made with, and stands in no frame, since people type keys into it.
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
    // Asked for again each time, and sent again only when it has changed.
    'Cache-Control': 'no-cache',
  };
}
