import './schema/scalars.js';
import '../modules/agent/agent.types.js';
import '../modules/agent/agent.mutations.js';
import '../modules/api-key/api-key.types.js';
import '../modules/api-key/api-key.mutations.js';
import '../modules/analytics/cohorts/cohorts.types.js';
import '../modules/analytics/customer-analytics.types.js';
import '../modules/analytics/customer-count.types.js';
import '../modules/analytics/volume/volume.types.js';
import '../modules/analytics/tracked-customer-analytics.types.js';
import '../modules/analytics/analytics.mutations.js';
import '../modules/conversation/attachment/attachment.types.js';
import '../modules/campaign/campaign.types.js';
import '../modules/campaign/campaign.mutations.js';
import '../modules/channel/channel.types.js';
import '../modules/channel/channel.mutations.js';
import '../modules/click/click.types.js';
import '../modules/click/click.mutations.js';
import '../modules/contact/contact.types.js';
import '../modules/contact/contact.mutations.js';
import '../modules/conversation/conversation.types.js';
import '../modules/conversation/conversation.mutations.js';
import '../modules/conversation/bulk/conversation.bulk.mutations.js';
import '../modules/conversation/conversation.subscriptions.js';
import '../modules/conversion/conversion.types.js';
import '../modules/conversion/conversion.mutations.js';
import '../modules/customer/customer.types.js';
import '../modules/customer/customer.mutations.js';
import '../modules/audit/audit.types.js';
import '../modules/changes/change.subscriptions.js';
import '../modules/customer/bulk/customer.bulk.mutations.js';
import '../modules/customer/deletion/customer.deletion.mutations.js';
import '../modules/customer/merge/customer.merge.mutations.js';
import '../modules/customer/customer.subscriptions.js';
import '../modules/link/link.types.js';
import '../modules/link/link.mutations.js';
import '../modules/conversation/message/message.types.js';
import '../modules/conversation/message/message.mutations.js';
import '../modules/conversation/message/message.subscriptions.js';
import '../modules/email/blocked/blocked-sender.types.js';
import '../modules/email/blocked/blocked-sender.mutations.js';
import '../modules/email/rejected/rejected-mail.types.js';
import '../modules/email/rejected/rejected-mail.mutations.js';
import '../modules/search/search.types.js';
import '../modules/tracked-customer/tracked-customer.types.js';
import '../modules/tracked-customer/tracked-customer.mutations.js';
import '../modules/webhooks/deliveries/webhook.delivery.types.js';
import '../modules/webhooks/endpoints/webhook.endpoint.types.js';
import '../modules/webhooks/webhook.mutations.js';
import '../modules/workspace/workspace.mutations.js';
import '../modules/workspace/workspace.types.js';
import { GraphQLDeferDirective, GraphQLStreamDirective } from '@graphql-tools/utils';
import { specifiedDirectives } from 'graphql';
import { builder } from './schema/builder.js';
import { withScopes } from './schema/scopes.js';

/** The directives for incremental responses are added to the standard ones. */
const directives = [...specifiedDirectives, GraphQLDeferDirective, GraphQLStreamDirective];

/** The whole schema. Each module adds its types to the builder when it is imported. */
export const schema = withScopes(builder.toSchema({ sortSchema: true, directives }));

// The builder has no option for the description of the schema.
schema.description =
  'A support desk: customers, their contacts in the inbox, conversations and messages. A key gives access to one workspace only.';
