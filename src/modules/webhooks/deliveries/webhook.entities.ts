import type { Database } from '../../../db/database.js';
import { nodeReferenceOf } from '../../../db/global-id.js';
import { loadVisible } from '../../../db/reading/loaders.js';
import type { Customer, MessageAttachment } from '../../../generated/prisma/client.js';
import { agentRecord } from '../../agent/agent.record.js';
import { campaignRecord } from '../../campaign/campaign.record.js';
import { channelRecord } from '../../channel/channel.record.js';
import { clickRecord } from '../../click/click.record.js';
import { urlOfAttachment } from '../../conversation/attachment/attachment.links.js';
import { attachmentLoaders } from '../../conversation/attachment/attachment.loaders.js';
import { conversationRecord } from '../../conversation/conversation.record.js';
import { htmlToShow } from '../../conversation/message/message.html.js';
import { messageRecord } from '../../conversation/message/message.record.js';
import { conversionRecord } from '../../conversion/conversion.record.js';
import { customerLoaders, rowsById } from '../../customer/customer.loaders.js';
import { customerRecord, shownTo } from '../../customer/customer.record.js';
import { type FileLinks, fileLinks } from '../../file/file.links.js';
import { linkRecord } from '../../link/link.record.js';

/**
 * Reads the entity with a plain id as a key with these scopes sees it now. Null when it no longer exists, or when its
 * type is not shown in webhooks.
 */
export type EntityReader = (id: string, scopes: ReadonlySet<string>) => Promise<object | null>;

/** Reads entities of one workspace. Entities that are requested together take a few statements per type. */
export function entityReader(
  db: Database,
  workspaceId: string,
  currency: string,
  links: FileLinks = fileLinks(db),
): EntityReader {
  const parts = { db, workspaceId };
  const byId = rowsById(parts);
  const attachments = attachmentLoaders(parts);
  const customers = customerLoaders(parts);
  const customerOf = async (id: string | null): Promise<Customer | null> =>
    id === null ? null : loadVisible(byId('Customer'), id);

  return async (id, scopes) => {
    switch (nodeReferenceOf(id)?.type) {
      case 'Agent':
        return shown(await byId('Agent').load(id), agentRecord.entity);
      case 'Campaign':
        return shown(await byId('Campaign').load(id), campaignRecord.entity);
      case 'Channel':
        return shown(await byId('Channel').load(id), channelRecord.entity);
      case 'Click':
        return shown(await byId('Click').load(id), async (click) =>
          clickRecord.entity({ ...click, customer: await customerOf(click.customerId) }),
        );
      case 'Conversation':
        return shown(await byId('Conversation').load(id), conversationRecord.entity);
      case 'Conversion':
        return shown(await byId('Conversion').load(id), async (conversion) => {
          const customer = await customerOf(conversion.customerId);
          return conversionRecord.entity({ ...conversion, baseCurrency: currency, customer });
        });
      case 'Customer':
        return shown(await customerOf(id), async (customer) => {
          const mergedIds = await customers.mergedIds.load(customer.id);
          return customerRecord.entity({ ...shownTo(scopes, customer), currency, mergedIds });
        });
      case 'Link':
        return shown(await loadVisible(byId('Link'), id), linkRecord.entity);
      case 'Message':
        return shown(await byId('Message').load(id), async (message) => {
          const attachmentsOf = (messageId: string) => attachments.ofMessage.load(messageId);
          const safeHtml = await htmlToShow(message, { links, attachmentsOf });
          const shownFile = async (file: MessageAttachment) => ({ ...file, url: await urlOfAttachment(links, file) });
          const files = await Promise.all((await attachmentsOf(id)).map(shownFile));
          return messageRecord.entity({ ...message, safeHtml, attachments: files });
        });
      default:
        return null;
    }
  };
}

/** Reads the UUID of a customer by its id, also of a scrubbed customer. Null when the row no longer exists. */
export type UuidReader = (customerId: string) => Promise<string | null>;

export function uuidReader(db: Database, workspaceId: string): UuidReader {
  const customers = rowsById({ db, workspaceId })('Customer');
  return async (customerId) => (await customers.load(customerId))?.uuid ?? null;
}

const shown = <Row>(row: Row | null, show: (row: Row) => object | Promise<object>): object | null => row && show(row);
