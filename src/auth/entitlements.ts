import { AppError } from '../errors.js';
import type { Workspace } from '../generated/prisma/client.js';

/** Features that a workspace's plan can include beyond the support desk itself. */
export const entitlements = ['REVENUE_TRACKING'] as const;

export type Entitlement = (typeof entitlements)[number];

/** @throws ENTITLEMENT_REQUIRED that names the entitlement when the workspace's plan lacks it. */
export function requireEntitlement({ entitlements: held }: Pick<Workspace, 'entitlements'>, wanted: Entitlement): void {
  if (held.includes(wanted)) return;
  throw new AppError(
    'ENTITLEMENT_REQUIRED',
    `This needs ${wanted}, which the plan of the workspace does not include.`,
    {
      requiredEntitlement: wanted,
    },
  );
}
