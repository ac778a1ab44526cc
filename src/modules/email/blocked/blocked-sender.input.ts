import { z } from 'zod';
import { id, key, name } from '../../../lib/values/validation.js';
import { isPattern, patternOf } from './blocked-sender.pattern.js';

export const blockSenderInput = z.object({
  pattern: key(320)
    .transform(patternOf)
    .refine(isPattern, 'Must be an e-mail address or a domain.')
    .describe(
      'An e-mail address, such as spam@x.example, or a domain, such as x.example, which includes its subdomains. Kept in lower case, the domain in its ASCII form.',
    ),
  reason: name(500).nullish().describe('Why it is blocked, at most 500 characters.'),
});

export const unblockSenderInput = z.object({ id: id.describe('The blocked sender.') });

export type BlockSenderInput = z.input<typeof blockSenderInput>;
export type UnblockSenderInput = z.input<typeof unblockSenderInput>;
