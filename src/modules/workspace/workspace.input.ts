import { z } from 'zod';
import { isPhoneCountry } from '../../lib/values/phone.js';
import { notNull } from '../../lib/values/validation.js';

export const updateWorkspaceInput = z.object({
  defaultCountry: z
    .string()
    .refine(isPhoneCountry, 'Must be an ISO 3166 code of two capital letters, such as DE.')
    .nullish()
    .describe('The ISO 3166 code of the country of phone numbers that name none, such as DE; null for none.'),
  showsNumberInSubjects: notNull(z.boolean()).describe(
    'Whether mails show the number of their conversation in the subject, such as [#1042].',
  ),
});

export type UpdateWorkspaceInput = z.input<typeof updateWorkspaceInput>;
