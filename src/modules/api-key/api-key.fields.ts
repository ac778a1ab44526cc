import { raw } from '../../db/database.js';
import { enumField, flagField, idField, textField, textListField, timeField } from '../../db/lists/fields.js';
import { defineList } from '../../db/lists/listing.js';
import { timeKey } from '../../db/lists/sort-keys.js';
import { apiKeys } from '../../db/reading/tables.js';

/** The workspace's keys, by default the latest first. */
export const apiKeyList = defineList({
  name: 'ApiKey',
  what: 'API keys',
  table: apiKeys,
  filter: {
    id: idField('id', 'ApiKey', 'By id.'),
    prefix: textField('prefix', 'By prefix, such as "ts_sk_live_a1B2".'),
    kind: enumField('kind', 'ApiKeyKind', 'By kind.'),
    agentId: idField('agentId', 'Agent', 'By the agent that they act as.'),
    scopes: textListField('scopes', 'By their scopes.'),
    isActive: flagField(
      raw('(r."revokedAt" IS NULL AND COALESCE(r."expiresAt" > now(), true))'),
      'True for keys that are neither revoked nor expired, false for the others.',
    ),
    createdAt: timeField('createdAt', 'By time of creation.'),
    lastUsedAt: timeField('lastUsedAt', 'By when they were last used; isNull: true for those that never were.'),
  },
  order: { keys: { CREATED_AT: timeKey('createdAt', 'When they were created.') } },
  first: ['CREATED_AT', 'DESC'],
});
