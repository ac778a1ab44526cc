import type { Database } from '../../../db/database.js';
import { nodeReferenceOf } from '../../../db/global-id.js';
import type { Customer } from '../../../generated/prisma/client.js';
import { agentLoaders } from '../../agent/agent.loaders.js';
import { agentRecord } from '../../agent/agent.record.js';
import { campaignLoaders } from '../../campaign/campaign.loaders.js';
import { campaignRecord } from '../../campaign/campaign.record.js';
import { channelLoaders } from '../../channel/channel.loaders.js';
import { channelRecord } from '../../channel/channel.record.js';
import { clickLoaders } from '../../click/click.loaders.js';
import { clickRecord } from '../../click/click.record.js';
import { attachmentLoaders } from '../../conversation/attachment/attachment.loaders.js';
import { conversationLoaders } from '../../conversation/conversation.loaders.js';
import { conversationRecord } from '../../conversation/conversation.record.js';
import { htmlToShow } from '../../conversation/message/message.html.js';
import { messageLoaders } from '../../conversation/message/message.loaders.js';
import { messageRecord } from '../../conversation/message/message.record.js';
import { conversionLoaders } from '../../conversion/conversion.loaders.js';
import { conversionRecord } from '../../conversion/conversion.record.js';
import { customerLoaders } from '../../customer/customer.loaders.js';
import { customerRecord } from '../../customer/customer.record.js';
import { linkLoaders } from '../../link/link.loaders.js';
import { linkRecord } from '../../link/link.record.js';

/** Reads the entity with a plain id as it is now; null when it is gone, or is none that is shown. */
export type EntityReader = (id: string) => Promise<object | null>;

/** Reads entities of one workspace, those that are asked for together by a few statements for each kind. */
export function entityReader(db: Database, workspaceId: string, currency: string): EntityReader {
  const agents = agentLoaders(db, workspaceId);
  const attachments = attachmentLoaders(db, workspaceId);
  const campaigns = campaignLoaders(db, workspaceId);
  const channels = channelLoaders(db, workspaceId);
  const clicks = clickLoaders(db, workspaceId);
  const conversations = conversationLoaders(db, workspaceId);
  const customers = customerLoaders(db, workspaceId);
  const conversions = conversionLoaders(db, workspaceId);
  const links = linkLoaders(db, workspaceId);
  const messages = messageLoaders(db, workspaceId);
  const customerOf = async (id: string | null): Promise<Customer | null> =>
    id === null ? null : customers.visible(id);

  return async (id) => {
    switch (nodeReferenceOf(id)?.type) {
      case 'Agent':
        return shown(await agents.byId.load(id), agentRecord.entity);
      case 'Campaign':
        return shown(await campaigns.byId.load(id), campaignRecord.entity);
      case 'Channel':
        return shown(await channels.byId.load(id), channelRecord.entity);
      case 'Click':
        return shown(await clicks.byId.load(id), async (click) =>
          clickRecord.entity({ ...click, customer: await customerOf(click.customerId) }),
        );
      case 'Conversation':
        return shown(await conversations.byId.load(id), conversationRecord.entity);
      case 'Conversion':
        return shown(await conversions.byId.load(id), async (conversion) => {
          const customer = await customerOf(conversion.customerId);
          return conversionRecord.entity({ ...conversion, baseCurrency: currency, customer });
        });
      case 'Customer':
        return shown(await customers.visible(id), async (customer) => {
          const mergedIds = await customers.mergedIds.load(customer.id);
          return customerRecord.entity({ ...customer, currency, mergedIds });
        });
      case 'Link':
        return shown(await links.visible(id), linkRecord.entity);
      case 'Message':
        return shown(await messages.byId.load(id), async (message) => {
          const [safeHtml, files] = await Promise.all([htmlToShow(message), attachments.ofMessage.load(id)]);
          return messageRecord.entity({ ...message, safeHtml, attachments: files });
        });
      default:
        return null;
    }
  };
}

const shown = <Row>(row: Row | null, show: (row: Row) => object | Promise<object>): object | null => row && show(row);
