import { z } from 'zod';
import { CstarWhoAmIDocument } from '../../generated/documents/graphql.js';
import { defineRoute, none } from '../route.js';
import { answer, answerSpec, common } from './common.js';
import { refusals } from './errors.js';

/** Returns the owner of the key. */
export const whoAmIRoute = defineRoute({
  ...common,
  tag: 'cStar Authentication',
  access:
    'Accepts every key. keyType is always "secret" and environment always "live"; teamSlug is the id of the workspace.',
  // No check is needed, because the path has no team.
  authorise() {},
  method: 'GET',
  path: '/api/v1/auth/whoami',
  id: 'cstarWhoAmI',
  summary: 'Returns the team of the key.',
  pathParameters: none,
  queryParameters: none,
  responses: [
    answerSpec(
      'The team of the key.',
      z.strictObject({
        teamId: z.uuid(),
        teamName: z.string(),
        teamSlug: z.string(),
        keyType: z.literal('secret'),
        environment: z.literal('live'),
      }),
      {
        teamId: '550e8400-e29b-41d4-a716-446655440000',
        teamName: 'Acme Support',
        teamSlug: 'wrk_abc123',
        keyType: 'secret',
        environment: 'live',
      },
    ),
    ...refusals({}),
  ],
  document: CstarWhoAmIDocument,
  variables: () => ({}),
  reply({ viewer }) {
    const { uuid: teamId, name: teamName, databaseId: teamSlug } = viewer.workspace;
    return answer({ teamId, teamName, teamSlug, keyType: 'secret', environment: 'live' });
  },
});
