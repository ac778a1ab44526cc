import { z } from 'zod';

/** What the routes of the inbox show of people: an address or a name that is not known is an empty text. */

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

/** As the documents have her. */
export const jane = { id: 'ctc_B7OSYsnTUVwBPOGrgYTjvSGS', email: 'jane@example.com', name: 'Jane Doe' };
