import { z } from 'zod';
import { defineRecord } from '../../db/record.js';
import { importedHistory, importedId } from '../../db/writing/imported.js';
import { type Channel, ChannelKind } from '../../generated/prisma/client.js';
import { email, name } from '../../lib/values/validation.js';
import { otherAddresses } from './channel.input.js';

export const channelRecord = defineRecord<Channel>('Channel')
  .fields({
    id: { rule: importedId('Channel').nullish(), entity: false },
    kind: { rule: z.enum(ChannelKind) },
    name: { rule: name(255) },
    address: { rule: email.nullish() },
    otherAddresses: { rule: otherAddresses.nullish() },
    ...importedHistory,
  })
  .omitting({});
