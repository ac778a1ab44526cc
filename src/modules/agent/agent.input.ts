import { z } from 'zod';
import { email, name, notNull, webUrl } from '../../lib/values/validation.js';

export const createAgentInput = z.object({
  id: z
    .string()
    .regex(/^agt_[A-Za-z0-9_-]{1,120}$/, 'Must be agt_ and letters, digits, "_" or "-".')
    .optional(),
  name: name(255),
  email,
  avatarUrl: webUrl.nullish(),
});

export const updateAgentInput = z.object({
  id: z.string(),
  name: notNull(name(255)),
  email: notNull(email),
  avatarUrl: webUrl.nullish(),
  ifVersion: z.int().nullish(),
});

export const deactivateAgentInput = z.object({
  id: z.string(),
  reassignToId: z.string().nullish(),
  ifVersion: z.int().nullish(),
});

export const reactivateAgentInput = z.object({ id: z.string(), ifVersion: z.int().nullish() });

export type CreateAgentInput = z.input<typeof createAgentInput>;
export type UpdateAgentInput = z.input<typeof updateAgentInput>;
export type DeactivateAgentInput = z.input<typeof deactivateAgentInput>;
export type ReactivateAgentInput = z.input<typeof reactivateAgentInput>;
