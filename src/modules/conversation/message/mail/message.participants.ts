import { z } from 'zod';
import type { Prisma } from '../../../../generated/prisma/client.js';
import { text } from '../../../../lib/values/validation.js';

/** The sender and the recipients of a message, from its e-mail. */

export interface MailParticipant {
  name: string | null;
  address: string;
}

export interface Participants {
  from?: MailParticipant | null;
  to?: MailParticipant[];
  cc?: MailParticipant[];
  bcc?: MailParticipant[];
  /** The addresses for replies, instead of the sender. */
  replyTo?: MailParticipant[];
  /** Whether `to` is the contact. The contact's address may still change before the e-mail is sent. */
  toContact?: boolean;
}

const participant = z.object({ name: text(320).nullish(), address: text(320) });
const participants = z.array(participant).max(1_000);

/** The participants in imported files. */
export const importedParticipants = z.strictObject({
  from: participant.nullish(),
  to: participants.optional(),
  cc: participants.optional(),
  bcc: participants.optional(),
  replyTo: participants.optional(),
  toContact: z.boolean().optional(),
});

const stored = z.object({
  from: participant.nullish(),
  to: participants.default([]),
  cc: participants.default([]),
  bcc: participants.default([]),
  replyTo: participants.default([]),
  toContact: z.boolean().default(false),
});

const named = ({ name, address }: z.output<typeof participant>): MailParticipant => ({ name: name ?? null, address });

/** The participants in a column; empty if there are none. */
export function participantsOf(column: unknown): Required<Participants> {
  const { data } = stored.safeParse(column ?? {});
  return {
    from: data?.from ? named(data.from) : null,
    to: data?.to.map(named) ?? [],
    cc: data?.cc.map(named) ?? [],
    bcc: data?.bcc.map(named) ?? [],
    replyTo: data?.replyTo.map(named) ?? [],
    toContact: data?.toContact ?? false,
  };
}

/** The column that holds the participants. */
export function participantsColumn(given: z.input<typeof stored>): Prisma.JsonObject {
  const { from, to, cc, bcc, replyTo, toContact } = participantsOf(given);
  const people = (list: MailParticipant[]) => list.map(({ name, address }) => ({ name, address }));
  return {
    from: from && { ...from },
    to: people(to),
    cc: people(cc),
    bcc: people(bcc),
    replyTo: people(replyTo),
    ...(toContact && { toContact }),
  };
}

/** The participants for an exported file. Empty fields are left out, so that lines stay short. */
export function filedParticipants(column: unknown): Participants {
  const { from, to, cc, bcc, replyTo, toContact } = participantsOf(column);
  const lists = Object.entries({ to, cc, bcc, replyTo }).filter(([, people]) => people.length > 0);
  return { ...(from && { from }), ...Object.fromEntries(lists), ...(toContact && { toContact }) };
}
