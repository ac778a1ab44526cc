import { authentication } from './auth/authentication.js';
import type { OidcOptions } from './auth/oidc.js';
import type { Database } from './db/database.js';
import { type AllowedTargets, readAllowedTargets } from './lib/http/targets.js';
import type { WebhookFormats } from './lib/http/webhook-format.js';
import { agentService } from './modules/agent/agent.service.js';
import { analyticsService } from './modules/analytics/analytics.service.js';
import { type HeavyReads, uncached } from './modules/analytics/heavy.reads.js';
import { leakService } from './modules/api-key/api-key.leaks.js';
import { apiKeyManagement } from './modules/api-key/api-key.managing.js';
import { apiKeyService } from './modules/api-key/api-key.service.js';
import { signInBy } from './modules/api-key/api-key.sign-in.js';
import { sessionTokenService } from './modules/api-key/session-token.service.js';
import { auditService } from './modules/audit/audit.service.js';
import { campaignService } from './modules/campaign/campaign.service.js';
import { channelService } from './modules/channel/channel.service.js';
import { clickService } from './modules/click/click.service.js';
import { contactService } from './modules/contact/contact.service.js';
import { conversationBulkService } from './modules/conversation/bulk/conversation.bulk.js';
import { reassignOpen } from './modules/conversation/changes/change.writes.js';
import { conversationService } from './modules/conversation/conversation.service.js';
import type { OutgoingMail } from './modules/conversation/message/mail/message.outgoing.js';
import { messageService } from './modules/conversation/message/message.service.js';
import { conversionService } from './modules/conversion/conversion.service.js';
import { customerService } from './modules/customer/customer.service.js';
import type { KeptElsewhere } from './modules/customer/deletion/customer.deletion.js';
import { blockedSenderService } from './modules/email/blocked/blocked-sender.service.js';
import { inboundMailService } from './modules/email/inbound/inbound-email.service.js';
import { createMailReader, type MailReader } from './modules/email/inbound/reading/inbound-email.reader.js';
import { rejectedMailService } from './modules/email/rejected/rejected-mail.service.js';
import { downloadService } from './modules/file/download.service.js';
import { type Files, openFiles } from './modules/file/files.js';
import { uploadService } from './modules/file/upload/upload.service.js';
import { idempotencyService } from './modules/idempotency/idempotency.service.js';
import { linkService } from './modules/link/link.service.js';
import { searchService } from './modules/search/search.service.js';
import { trackedCustomerService } from './modules/tracked-customer/tracked-customer.service.js';
import { trustedDocumentService } from './modules/trusted-document/trusted-document.service.js';
import { webhookDeliveryService } from './modules/webhooks/deliveries/webhook.delivery.service.js';
import { webhookService } from './modules/webhooks/endpoints/webhook.endpoint.service.js';
import { workspaceService } from './modules/workspace/workspace.service.js';

/** The operator's settings that services need. */
export interface Settings {
  /** How e-mails are sent; null if they are not sent. */
  outgoing?: OutgoingMail | null;
  /** The allowed webhook targets in addition to public addresses; none when left out. */
  webhookTargets?: AllowedTargets;
  /** The webhook formats other than the gateway's own; none when left out. */
  webhookFormats?: WebhookFormats;
  /** How heavy reads are cached; when left out, they are not cached. */
  heavyReads?: HeavyReads;
  /** The identity provider for sign-in; none when left out. */
  oidc?: OidcOptions;
  /** Data outside of the database that is deleted with a customer; none when left out. */
  keptElsewhere?: KeptElsewhere;
  /** The store of file contents; when left out, the memory of this process. */
  files?: Files;
  /** The parser of e-mails; when left out, it runs in a thread of its own. */
  mailReader?: MailReader;
  /** The mail servers whose authentication results are trusted; none when left out. */
  authservIds?: ReadonlySet<string>;
}

const noTargets = readAllowedTargets('');

/** All functions of the application, created once per process. */
export type Services = ReturnType<typeof createServices>;

export function createServices(db: Database, settings: Settings = {}) {
  const {
    outgoing = null,
    webhookTargets = noTargets,
    webhookFormats = [],
    heavyReads = uncached,
    keptElsewhere,
    files = openFiles(db),
    mailReader = createMailReader(),
  } = settings;
  const inboundMail = inboundMailService(db, files, mailReader, settings.authservIds);
  const authenticated = authentication(db, settings.oidc && signInBy(db, settings.oidc));
  return {
    agents: agentService(db, reassignOpen),
    blockedSenders: blockedSenderService(db),
    analytics: analyticsService(db, heavyReads),
    apiKeys: apiKeyService(db, authenticated),
    leaks: leakService(db, authenticated),
    managedKeys: apiKeyManagement(db, authenticated),
    sessionTokens: sessionTokenService(db),
    audit: auditService(db),
    authentication: authenticated,
    campaigns: campaignService(db),
    channels: channelService(db),
    clicks: clickService(db),
    contacts: contactService(db),
    conversations: conversationService(db, outgoing, keptElsewhere),
    conversationsInBulk: conversationBulkService(db),
    conversions: conversionService(db),
    customers: customerService(db, keptElsewhere),
    downloads: downloadService(db),
    files,
    idempotency: idempotencyService(db),
    inboundMail,
    links: linkService(db),
    messages: messageService(db, outgoing),
    rejectedMails: rejectedMailService(db, files, mailReader, inboundMail),
    search: searchService(db),
    trackedCustomers: trackedCustomerService(db, keptElsewhere),
    trustedDocuments: trustedDocumentService(db),
    uploads: uploadService(db, files),
    webhookDeliveries: webhookDeliveryService(db, webhookFormats),
    webhooks: webhookService(db, webhookTargets, webhookFormats),
    workspaces: workspaceService(db),
  };
}
