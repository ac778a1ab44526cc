import type { Workers } from '../db/queue/queue.js';
import { createPoster } from '../lib/http/post.js';
import { conversationDeletionWorkers } from '../modules/conversation/deletion/conversation.deletion.js';
import { erasureWorkers } from '../modules/customer/deletion/customer.deletion.js';
import { phoneWorkers } from '../modules/customer/phone/customer.phone.js';
import { mailWorkers } from '../modules/email/outbound/outbound-email.delivery.js';
import { transportOf } from '../modules/email/outbound/outbound-email.transports.js';
import { rejectedMailWorkers } from '../modules/email/rejected/rejected-mail.writes.js';
import { eventRemovalWorkers } from '../modules/events/event.retention.js';
import { fileWorkers } from '../modules/file/files.js';
import { deliveryWorkers } from '../modules/webhooks/sending/webhook.sender.js';
import { type Domain, webhookFormats } from './domain.js';
import type { AppSettings } from './options.js';

/** Creates the workers for the jobs of the application. */
export function createWorkers({ database, log, mail, webhooks }: AppSettings, domain: Domain): Workers[] {
  const { files, keptElsewhere, services } = domain;
  const { targets, timeoutMs, delaysMs } = webhooks;
  const poster = createPoster({ allowed: targets, timeoutMs });
  const delivery = { poster, formats: webhookFormats, links: files.links, ...(delaysMs && { delaysMs }) };
  const forget = keptElsewhere.forgetMails;
  return [
    ...deliveryWorkers(database, delivery),
    ...(mail ? [mailWorkers(database, { log, files, forget, ...mail, transport: transportOf(mail) })] : []),
    erasureWorkers(database, keptElsewhere),
    conversationDeletionWorkers(keptElsewhere),
    phoneWorkers(database),
    eventRemovalWorkers(database),
    ...fileWorkers(database, files),
    ...rejectedMailWorkers(database, services.rejectedMails.retrySuspended),
  ];
}
