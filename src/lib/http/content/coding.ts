/** Content codings (RFC 9110, 8.4): compresses responses for clients that ask for it. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';

export type Coding = 'br' | 'gzip';

/** How much time to spend: little for one response, more for content that is cached and sent many times. */
type Effort = 'ONCE' | 'KEPT';

/** Compression saves little on shorter content. */
const leastBytes = 1_024;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const levels: Readonly<Record<Effort, { gzip: number; brotli: number }>> = {
  ONCE: { gzip: 3, brotli: 3 },
  KEPT: { gzip: 9, brotli: 9 },
};

/** The coding that an Accept-Encoding header prefers; undefined when the content should be sent uncompressed. */
export function codingFor(accepted: string | null | undefined): Coding | undefined {
  if (!accepted) return undefined;
  const liked = new Negotiator({ headers: { 'accept-encoding': accepted } }).encodings(['br', 'gzip', 'identity']);
  if (liked[0] === 'identity') return undefined;
  return (['br', 'gzip'] as const).find((coding) => liked.includes(coding));
}

export const isWorthCoding = (bytes: number): boolean => bytes >= leastBytes;

/** The compressed content. The work is done in a thread of its own, so it does not block. */
export function coded(
  coding: Coding,
  content: string | Uint8Array,
  effort: Effort = 'ONCE',
): Promise<Uint8Array<ArrayBuffer>> {
  const level = levels[effort];
  return coding === 'gzip'
    ? zip(content, { level: level.gzip })
    : brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: level.brotli } });
}
