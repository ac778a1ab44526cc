import { z } from 'zod';
import { id } from '../../../lib/values/validation.js';

export const retryRejectedMailInput = z.object({
  id: id.describe('The rejected mail.'),
  channelId: id
    .nullish()
    .describe('The e-mail channel to receive it, if no channel has one of the addresses that it is sent to.'),
});

export type RetryRejectedMailInput = z.input<typeof retryRejectedMailInput>;
