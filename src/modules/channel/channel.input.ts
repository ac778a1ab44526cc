import { z } from 'zod';
import { ChannelKind } from '../../generated/prisma/client.js';
import { email, id, ifVersion, list, name, notNull } from '../../lib/values/validation.js';

const maxName = 255;
const aboutName = `The display name, at most ${maxName} characters; unique among channels of one kind.`;
const aboutAddress = 'The e-mail address, for a channel of the kind EMAIL only';

const maxOtherAddresses = 20;
export const otherAddresses = list(email, maxOtherAddresses, `At most ${maxOtherAddresses} other addresses.`).transform(
  (given) => [...new Set(given)],
);
const aboutOthers = `The complete list of further addresses at which mails of the channel arrive, at most ${maxOtherAddresses}; for a channel of the kind EMAIL only. No other channel may have one of them.`;

export const newChannelInput = z.object({
  kind: z.enum(ChannelKind).describe('How the channel reaches people. It cannot be changed later.'),
  name: name(maxName).describe(aboutName),
  address: email.nullish().describe(`${aboutAddress}. Mails go out from it.`),
  otherAddresses: notNull(otherAddresses).describe(aboutOthers),
});

export const updateChannelInput = z.object({
  id: id.describe('The channel.'),
  name: notNull(name(maxName)).describe(aboutName),
  address: email.nullish().describe(`${aboutAddress}; null removes it.`),
  otherAddresses: notNull(otherAddresses).describe(aboutOthers),
  ifVersion: ifVersion('channel'),
});

export type NewChannelInput = z.input<typeof newChannelInput>;
export type UpdateChannelInput = z.input<typeof updateChannelInput>;
