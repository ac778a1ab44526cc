import { z } from 'zod';
import { email, id, ifVersion, name, notNull, webUrl } from '../../lib/values/validation.js';

const avatarUrl = webUrl.nullish();

export const createAgentInput = z.object({
  name: name(255).describe('The name that contacts see, at most 255 characters.'),
  email: email.describe('The address, unique among agents, ignoring upper and lower case.'),
  avatarUrl: avatarUrl.describe('The http or https URL of a picture.'),
});

export const updateAgentInput = z.object({
  id: id.describe('The agent.'),
  name: notNull(name(255)).describe('The name that contacts see. Earlier messages keep the name of their time.'),
  email: notNull(email).describe('The address, unique among agents, ignoring upper and lower case.'),
  avatarUrl: avatarUrl.describe('The http or https URL of a picture; null removes it.'),
  ifVersion: ifVersion('agent'),
});

export const deactivateAgentInput = z.object({
  id: id.describe('The agent.'),
  reassignToId: id
    .nullish()
    .describe('The agent to whom the open conversations are reassigned; if null or omitted, they become unassigned.'),
  ifVersion: ifVersion('agent'),
});

export const reactivateAgentInput = z.object({ id: id.describe('The agent.'), ifVersion: ifVersion('agent') });

/** The command line can also set the id. */
export const newAgentInput = createAgentInput.extend({
  id: z
    .string()
    .regex(/^agt_[A-Za-z0-9_-]{1,120}$/, 'Must be agt_ and letters, digits, "_" or "-".')
    .optional(),
});

export type CreateAgentInput = z.input<typeof newAgentInput>;
export type UpdateAgentInput = z.input<typeof updateAgentInput>;
export type DeactivateAgentInput = z.input<typeof deactivateAgentInput>;
export type ReactivateAgentInput = z.input<typeof reactivateAgentInput>;
