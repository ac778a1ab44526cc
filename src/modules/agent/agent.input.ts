import { z } from 'zod';
import { email, id, ifVersion, name, notNull, webUrl } from '../../lib/values/validation.js';

const avatarUrl = webUrl.nullish();

export const createAgentInput = z.object({
  name: name(255).describe('The name that contacts see, at most 255 characters.'),
  email: email.describe('The address, unique among agents whatever its case.'),
  avatarUrl: avatarUrl.describe('The http or https URL of a picture.'),
});

export const updateAgentInput = z.object({
  id: id.describe('The agent.'),
  name: notNull(name(255)).describe('The name that contacts see; messages keep the name they were written under.'),
  email: notNull(email).describe('The address, unique among agents whatever its case.'),
  avatarUrl: avatarUrl.describe('The http or https URL of a picture; null takes it away.'),
  ifVersion: ifVersion('agent'),
});

export const deactivateAgentInput = z.object({
  id: id.describe('The agent.'),
  reassignToId: id.nullish().describe('The agent who gets the open conversations; nobody when null or left out.'),
  ifVersion: ifVersion('agent'),
});

export const reactivateAgentInput = z.object({ id: id.describe('The agent.'), ifVersion: ifVersion('agent') });

/** The command line may also say the id. */
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
