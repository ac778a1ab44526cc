import { randomBytes } from 'node:crypto';

/** The prefix of each entity's ids, as in the documents of the supported systems. */
export const idPrefixes = {
  Workspace: 'wrk',
  ApiKey: 'key',
  SessionToken: 'ses',
  Agent: 'agt',
  Channel: 'chn',
  Customer: 'ctc',
  CustomerMerge: 'mrg',
  Conversation: 'thd',
  Message: 'msg',
  MessageAttachment: 'att',
  Upload: 'upl',
  RejectedMail: 'rjm',
  BlockedSender: 'bls',
  Campaign: 'cmp',
  Link: 'lnk',
  Click: 'clk',
  Conversion: 'cnv',
  DomainEvent: 'evt',
  Erasure: 'ers',
  WebhookEndpoint: 'whe',
  WebhookSecret: 'whs',
  WebhookDelivery: 'whd',
  WebhookAttempt: 'wha',
} as const;

export type Entity = keyof typeof idPrefixes;

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const timeDigits = 8;
const counterDigits = 3;
const randomDigits = 13;

let lastTime = 0;
let counter = 0;

/**
 * A new id: the entity's prefix and 24 base-62 digits that hold the time in milliseconds, a counter within the
 * millisecond and 77 random bits. Ids of one process sort by creation, byte by byte.
 */
export function newId(entity: Entity): string {
  const now = Date.now();
  if (now > lastTime) {
    lastTime = now;
    counter = 0;
  } else {
    counter += 1;
    if (counter === 62 ** counterDigits) {
      lastTime += 1;
      counter = 0;
    }
  }
  return `${idPrefixes[entity]}_${base62(lastTime, timeDigits)}${base62(counter, counterDigits)}${randomBase62(randomDigits)}`;
}

/** `length` uniformly random base-62 digits. */
export function randomBase62(length: number): string {
  let digits = '';
  while (digits.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 is the largest multiple of 62 in a byte. Larger values would favour the first digits.
      if (byte < 248 && digits.length < length) digits += alphabet.charAt(byte % 62);
    }
  }
  return digits;
}

/** `value` as exactly `length` base-62 digits. If it is larger, the lowest digits. */
export function base62(value: number, length: number): string {
  let digits = '';
  let rest = value;
  for (let place = 0; place < length; place += 1) {
    digits = alphabet.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
