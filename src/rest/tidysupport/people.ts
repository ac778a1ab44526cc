import { z } from 'zod';

/** The fields of people in the inbox routes. An unknown address or name is an empty string. */

export const named = {
  id: z.string().describe('Begins with "ctc_".'),
  email: z.string().describe('Empty when there is none.'),
  name: z.string().describe('Empty when it is not known.'),
};

interface Named {
  databaseId: string;
  email?: string | null;
  name?: string | null;
}

export const nameOf = ({ databaseId, email, name }: Named) => ({
  id: databaseId,
  email: email ?? '',
  name: name ?? '',
});

/** The example contact of the vendor's documents. */
export const jane = { id: 'ctc_B7OSYsnTUVwBPOGrgYTjvSGS', email: 'jane@example.com', name: 'Jane Doe' };
