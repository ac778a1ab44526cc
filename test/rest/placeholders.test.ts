import { expect, test } from 'vitest';
import { z } from 'zod';
import { placeholdersOf } from '../../src/rest/placeholders.js';

test('what a request must name is there to be replaced', () => {
  const parameters = z.object({
    id: z.string().regex(/^ctc_[A-Za-z0-9]+$/),
    externalId: z.string(),
    teamId: z.uuid(),
    customerId: z.string().regex(/^([\da-f]{8}|ctc_[A-Za-z0-9]+)$/),
    kind: z.enum(['A', 'B']),
    limit: z.int().default(20),
  });
  const placeholders = placeholdersOf(parameters);
  expect(placeholders).toMatchObject({ id: 'ctc_EXAMPLE', externalId: 'YOUR_EXTERNAL_ID', kind: 'A' });
  expect(parameters.parse(placeholders)).toMatchObject({ limit: 20 });
});
