import type { Conversation } from '../../../generated/prisma/client.js';

/** The seconds from when the customer first wrote to the first response; null before it. */
export const firstResponseSeconds = ({
  firstInboundAt,
  firstResponseAt,
}: Pick<Conversation, 'firstInboundAt' | 'firstResponseAt'>): number | null =>
  firstInboundAt && secondsBetween(firstInboundAt, firstResponseAt);

/** The seconds from when it began until it was last closed or archived; null while it is open. */
export const resolutionSeconds = ({ createdAt, closedAt }: Pick<Conversation, 'createdAt' | 'closedAt'>) =>
  secondsBetween(createdAt, closedAt);

/** Whole seconds, at least 0, because imported times may be in any order. */
const secondsBetween = (from: Date, to: Date | null): number | null =>
  to && Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1_000));
