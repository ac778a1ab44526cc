import { z } from 'zod';
import type { Session } from '../graph.js';
import { HttpError } from '../http-error.js';
import { idOrUuid } from '../input.js';
import { success } from '../paging.js';
import type { Reply, ResponseSpec } from '../route.js';
import { httpErrorOf } from './errors.js';
import { metaExample, metaNow, metaSchema, metaShape } from './meta.js';

/** Common parts of the cStar routes. */

export const common = {
  access: 'Accepts keys of the team in the path. The team is given by its UUID or by the id of the workspace.',
  refuse: httpErrorOf,
  /** @throws HttpError 404 */
  authorise({ workspaceId, workspaceUuid }: Session, { teamId = '' }: Readonly<Record<string, string>>): void {
    if (teamId === workspaceId || teamId.toLowerCase() === workspaceUuid) return;
    throw new HttpError(404, 'Team not found.', {}, { param: 'teamId' });
  },
};

export const teamPath = '/api/v1/teams/{teamId}';
export const team = { teamId: z.string().describe('The UUID of the team, or the id of its workspace.') };

/** The path parameter of a customer. */
export const customerIdInPath = idOrUuid({ ofGraph: 'ctc', prefix: 'cus' }, 'Customer not found.').describe(
  'The UUID of the customer, cus_ and the UUID without dashes, or its id in the graph (ctc_…).',
);

/** A successful response. */
export const answer = (data: object, status = 200): Reply => ({
  status,
  body: { ...success(data), meta: metaNow() },
});

export const answerSpec = (description: string, schema: z.ZodType, example: unknown, status = 200): ResponseSpec => ({
  status,
  description,
  schema: z.strictObject({ success: z.literal(true), data: schema, meta: metaSchema }),
  example: { ...success(example), meta: metaExample },
});

interface Pages {
  total: number;
  page: number;
  pageSize: number;
}

const pagesOf = ({ total, page, pageSize }: Pages) => ({
  pagination: { total, page, pageSize, hasMore: page * pageSize < total },
  inMeta: { page, pageSize, total, totalPages: Math.ceil(total / pageSize) },
});

/** A numbered page of a list. */
export const pageAnswer = (data: object[], pages: Pages): Reply => {
  const { pagination, inMeta } = pagesOf(pages);
  return { status: 200, body: { ...success(data), pagination, meta: { ...metaNow(), pagination: inMeta } } };
};

const total = z.int().min(0).describe('The number of entries on all pages.');
const numbers = { total, page: z.int(), pageSize: z.int() };
const paginationSchema = z.strictObject({ ...numbers, hasMore: z.boolean() }).meta({ id: 'CstarPagination' });
const pageMetaSchema = z
  .strictObject({ ...metaShape, pagination: z.strictObject({ ...numbers, totalPages: z.int().min(0) }) })
  .meta({ id: 'CstarPageMeta' });

export const pageSpec = (description: string, item: z.ZodType, example: unknown, all: number): ResponseSpec => {
  const { pagination, inMeta } = pagesOf({ total: all, page: 1, pageSize: 20 });
  return {
    status: 200,
    description,
    schema: z.strictObject({
      success: z.literal(true),
      data: z.array(item),
      pagination: paginationSchema,
      meta: pageMetaSchema,
    }),
    example: { ...success([example]), pagination, meta: { ...metaExample, pagination: inMeta } },
  };
};
