import { keyWatch } from '../auth/key-watch.js';
import { readReplicas } from '../context.js';
import type { Database } from '../db/database.js';
import { logFailure } from '../db/faults/faults.js';
import { type Bus, erasedIn, localBus, readNews } from '../lib/process/bus.js';
import { cachedReads } from '../modules/analytics/heavy.reads.js';
import { forgetHtml } from '../modules/conversation/message/message.html.js';
import type { KeptElsewhere } from '../modules/customer/deletion/customer.deletion.js';
import { createMailReader } from '../modules/email/inbound/reading/inbound-email.reader.js';
import { forgetMails } from '../modules/email/outbound/outbound-email.transports.js';
import { eventFeed } from '../modules/events/event.feed.js';
import { outboxStates, recentStates } from '../modules/events/outbox.state.js';
import { outboxWatermark, type Watermark } from '../modules/events/outbox.watermark.js';
import { openFiles } from '../modules/file/files.js';
import { cstarWebhooks } from '../rest/cstar/webhooks.js';
import { tidysupportWebhooks } from '../rest/tidysupport/webhooks/webhook-format.js';
import { createServices, type Settings } from '../services.js';
import type { AppSettings } from './options.js';

/** The webhook formats other than the gateway's own. */
export const webhookFormats = [cstarWebhooks, tidysupportWebhooks];

/** The services over the database, and the feed and bus that announce changes. */
export type Domain = Awaited<ReturnType<typeof openDomain>>;

export async function openDomain(settings: AppSettings) {
  const { database, log, replicas, cache, connectBus = localBus } = settings;
  const watermark = outboxWatermark(database);
  const stateOf = outboxStates(database, watermark);
  const recent = recentStates(stateOf);
  const heavyReads = cachedReads(stateOf, cache);
  const files = openFiles(database, settings.files);
  const mailReader = createMailReader();
  const keptElsewhere = keptBeside(settings, files, (news) => bus.publish(news));
  const shared = { ...settingsOfServices(settings), keptElsewhere, files, mailReader };
  const servicesOver = (db: Database, heavy = heavyReads) => createServices(db, { ...shared, heavyReads: heavy });
  const services = servicesOver(database);
  const replicaReads = replicas && readReplicas({ replicas, servicesOver, stateOf, cache });
  const keys = keyWatch(services.authentication, log);
  const feed = openFeed(settings, watermark);
  const bus: Bus = await connectBus((news) => {
    const { workspaceId, isErasure } = readNews(news);
    recent.forget(workspaceId);
    if (!isErasure) return feed.wake(workspaceId);
    heavyReads.forget(workspaceId);
    replicaReads?.forget(workspaceId);
    forgetHtml(workspaceId);
  });
  database.onChange(bus.publish);

  return {
    watermark,
    states: { stateOf, recentStateOf: recent.of },
    heavyReads,
    files,
    keptElsewhere,
    services,
    servicesOver,
    replicaReads,
    keys,
    feed,
    async close() {
      feed.close();
      keys.close();
      cache.close();
      await bus.close();
      void mailReader.close();
    },
  };
}

/** The settings that services need, from the options. */
function settingsOfServices({ mail, webhooks, oidc, authservIds }: AppSettings): Settings {
  // Writing a file can be relied upon to succeed, so the mail is SENT at once. The result of a mail server is not yet
  // known.
  const statusAtFirst = mail?.smtpUrl ? ('QUEUED' as const) : ('SENT' as const);
  return {
    outgoing: mail ? { statusAtFirst, firstMailbox: mail.from } : null,
    webhookTargets: webhooks.targets,
    webhookFormats,
    ...(oidc && { oidc }),
    ...(authservIds && { authservIds }),
  };
}

/** Data outside of the database that is deleted with a customer. */
const keptBeside = (
  { mail }: AppSettings,
  files: Pick<ReturnType<typeof openFiles>, 'sweep'>,
  publish: Bus['publish'],
): KeptElsewhere => ({
  forgetMails: async (ids) => (mail ? forgetMails(mail.outbox, ids) : 0),
  forgetFiles: (workspaceId) => files.sweep(workspaceId),
  forgetWorkspace: (workspaceId) => publish(erasedIn(workspaceId)),
});

const openFeed = ({ database, log }: AppSettings, watermark: Watermark) =>
  eventFeed(database, watermark, {
    // A client that does not read is detected by the outflow limits. An event may also wait for its turn or for points,
    // so this is long.
    patienceMs: 120_000,
    onError: (error) => logFailure(log, error, 'The outbox could not be read.', 'warn'),
  });
