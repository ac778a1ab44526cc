import { z } from 'zod';
import { ChannelKind } from '../../generated/prisma/client.js';
import { email, id, ifVersion, name, notNull } from '../../lib/values/validation.js';

const maxName = 255;
const aboutName = `The display name, at most ${maxName} characters; unique among channels of one kind.`;
const aboutAddress = 'The e-mail address, for a channel of the kind EMAIL only';

export const newChannelInput = z.object({
  kind: z.enum(ChannelKind).describe('How the channel reaches people. It cannot be changed later.'),
  name: name(maxName).describe(aboutName),
  address: email.nullish().describe(`${aboutAddress}.`),
});

export const updateChannelInput = z.object({
  id: id.describe('The channel.'),
  name: notNull(name(maxName)).describe(aboutName),
  address: email.nullish().describe(`${aboutAddress}; null removes it.`),
  ifVersion: ifVersion('channel'),
});

export type NewChannelInput = z.input<typeof newChannelInput>;
export type UpdateChannelInput = z.input<typeof updateChannelInput>;
