import graphql from '@graphql-eslint/eslint-plugin';

/** The rules for schema.graphql; biome sees to everything else. */
export default [
  {
    files: ['schema.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: 'schema.graphql' } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // Connections also have `nodes`, which saves the edges where nobody needs a cursor, and values come in lists.
      // The entries of a journey are no objects of their own, so they cannot be fetched again by themselves.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            // What stands around objects: a page of them, a place in it, what a mutation did, what a search found, and what
            // subscriptions tell, whose `seq` names it.
            suffixes: ['Connection', 'Edge', 'Payload', 'SearchHit', 'Change', 'Added'],
            // Values, which have no life beside the object or the answer that they are part of.
            types: [
              'Attribution',
              'AttributionCredit',
              'AuditActor',
              'CountryVisits',
              'CustomerCohort',
              'DeletionReceiptEntry',
              'Highlight',
              'MailAddress',
              'MailAuthentication',
              'JourneyEntry',
              'LtvCohort',
              'LtvCohortMonth',
              'HighlightFragment',
              'HighlightPart',
              'MessageAuthor',
              'MessageFailure',
              'Money',
              'PageInfo',
              'RecordClicksItemResult',
              'RecordConversionsItemResult',
              'SearchResults',
              'SupportVolume',
              'SupportVolumeDay',
              'UpsertCustomersItemResult',
              'UserError',
              // Whoever asks: the key of this very request.
              'Viewer',
              'WebhookEventFilter',
            ],
          },
        },
      ],
    },
  },
];
