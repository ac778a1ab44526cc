import { z } from 'zod';
import {
  LinquidCreateLinkDocument,
  type LinquidLinkFragment,
  LinquidLinksDocument,
} from '../../generated/documents/graphql.js';
import { list, name, webUrl } from '../../lib/values/validation.js';
import { nameOrNone } from '../input.js';
import { offsetOf } from '../paging.js';
import { defineRoute, none, type Route } from '../route.js';
import { answer, answerSpec, common, needs, pageAnswer, pageParameters, pageSpec, timeSchema } from './common.js';
import { refusals, wordsOf } from './errors.js';

/** Tracked links. */

const { done, httpErrorOf } = wordsOf({ url: 'destinationUrl', name: 'title' });
const ofLinks = { ...common, refuse: httpErrorOf, tag: 'Linquid Links', path: '/api/links', pathParameters: none };

/** Fields of links that have no equivalent in the graph. */
const always = { enabled: true, passwordProtected: false, expiresAt: null, clicksLimit: null } as const;

const linkSchema = z
  .strictObject({
    id: z.string(),
    shortCode: z.string().nullable(),
    shortUrl: z.null().describe('Always null: short links are not served.'),
    destinationUrl: z.string(),
    title: z.string().nullable(),
    campaignId: z.string().nullable(),
    enabled: z.literal(true),
    passwordProtected: z.literal(false),
    expiresAt: z.null(),
    clicksLimit: z.null(),
    tags: z.array(z.string()),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'LinquidLink' });

const linkOf = ({ databaseId, url, name, shortCode, campaign, tags, createdAt, updatedAt }: LinquidLinkFragment) => ({
  id: databaseId,
  shortCode: shortCode ?? null,
  shortUrl: null,
  destinationUrl: url,
  title: name ?? null,
  campaignId: campaign?.databaseId ?? null,
  ...always,
  tags,
  createdAt,
  updatedAt: updatedAt ?? createdAt,
});

const example = {
  id: 'lnk_abc123',
  shortCode: 'abc123',
  shortUrl: null,
  destinationUrl: 'https://example.com/landing-page',
  title: 'Summer Campaign Link',
  campaignId: 'cmp_xyz789',
  ...always,
  tags: ['summer', 'promo'],
  createdAt: '2024-01-15T10:30:00.000Z',
  updatedAt: '2024-01-15T10:30:00.000Z',
};

export const linkRoutes: readonly Route[] = [
  defineRoute({
    ...ofLinks,
    method: 'GET',
    id: 'listLinks',
    summary: 'Lists links, the newest first.',
    ...needs('links:read'),
    queryParameters: z.object({
      ...pageParameters('links'),
      campaignId: z
        .string()
        .regex(/^cmp_[A-Za-z0-9_-]{1,120}$/, 'Must be the ID of a campaign.')
        .optional()
        .describe('Only links of this campaign.'),
    }),
    responses: [
      pageSpec('A page of links.', linkSchema, example),
      ...refusals({ 400: { message: 'limit must be an integer from 1 to 100.' } }),
    ],
    document: LinquidLinksDocument,
    variables: ({ query: { page, limit, campaignId } }) => ({
      first: limit,
      offset: offsetOf(page, limit),
      filter: { campaignId: campaignId === undefined ? undefined : { eq: campaignId } },
    }),
    reply: ({ links: { nodes, totalCount } }, _session, { query }) =>
      pageAnswer(nodes.map(linkOf), { ...query, total: totalCount }),
  }),

  defineRoute({
    ...ofLinks,
    method: 'POST',
    id: 'createLink',
    summary: 'Creates a link.',
    ...needs('links:create'),
    queryParameters: none,
    body: z.object({
      destinationUrl: webUrl.describe('The target URL.'),
      title: nameOrNone(255).describe('The display name.'),
      shortCode: nameOrNone(64).describe('Unique in the workspace; random if omitted.'),
      campaignId: nameOrNone(200).describe('The campaign that it belongs to.'),
      tags: list(name(64), 50, 'Must have at most 50 entries.').optional(),
    }),
    bodyExample: {
      destinationUrl: 'https://example.com/landing-page',
      title: 'Summer Campaign Link',
      tags: ['summer', 'promo'],
    },
    responses: [
      answerSpec('The link.', linkSchema, example, 201),
      ...refusals(
        {
          400: { message: 'destinationUrl is required.' },
          409: { message: 'A link has this short code: lnk_abc123.', code: 'CONFLICT', param: 'shortCode' },
        },
        true,
      ),
    ],
    shows: ['links:read'],
    document: LinquidCreateLinkDocument,
    variables: ({ body: { destinationUrl, title, ...body } }) => ({
      input: { ...body, url: destinationUrl, name: title },
    }),
    reply: ({ createLink }) => answer(linkOf(done(createLink, 'link')), 201),
  }),
];
