import { z } from 'zod';
import { isPhoneCountry } from '../../lib/values/phone.js';
import { notNull } from '../../lib/values/validation.js';

export const updateWorkspaceInput = z.object({
  defaultCountry: z
    .string()
    .refine(isPhoneCountry, 'Must be an ISO 3166 code of two capital letters, such as DE.')
    .nullish()
    .describe('The ISO 3166 code of the country for phone numbers without a country code, such as DE; null for none.'),
  showsNumberInSubjects: notNull(z.boolean()).describe(
    'Whether mails show the number of their conversation in the subject, such as [#1042].',
  ),
  eventRetentionDays: z
    .int()
    .min(30, 'Must be from 30 to 3650.')
    .max(3650, 'Must be from 30 to 3650.')
    .nullish()
    .describe(
      'How many days events are kept, from 30 to 3650; null for ever. Older changes leave the audit log, the journey of customers and `changes`.',
    ),
});

export type UpdateWorkspaceInput = z.input<typeof updateWorkspaceInput>;
