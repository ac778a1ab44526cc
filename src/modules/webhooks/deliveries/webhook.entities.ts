import type { Database } from '../../../db/database.js';
import { encodeGlobalId, type NodeType, nodeReferenceOf } from '../../../db/global-id.js';
import { loadVisible } from '../../../db/reading/loaders.js';
import type {
  Agent,
  Campaign,
  Channel,
  Click,
  Conversation,
  Conversion,
  Customer,
  Link,
  Message,
} from '../../../generated/prisma/client.js';
import { isSnoozed } from '../../conversation/conversation.snooze.js';
import { rowsById } from '../../customer/customer.loaders.js';

/** What events are about, by the names and with the values that the graph shows; relations as plain ids. */
export interface EntityReader {
  /** The entity with a plain id as it is now; null when it is gone, or is none that is shown. */
  read(id: string): Promise<object | null>;
  customer(id: string): Promise<Customer | null>;
}

/** Reads entities of one workspace, those that are asked for together by one statement for each kind. */
export function entityReader(db: Database, workspaceId: string, currency: string): EntityReader {
  const byId = rowsById({ db, workspaceId });
  return {
    customer: (id) => loadVisible(byId('Customer'), id),
    async read(id) {
      switch (nodeReferenceOf(id)?.type) {
        case 'Agent':
          return shown(agentOf, await byId('Agent').load(id));
        case 'Campaign':
          return shown(campaignOf, await byId('Campaign').load(id));
        case 'Channel':
          return shown(channelOf, await byId('Channel').load(id));
        case 'Click':
          return shown(clickOf, await byId('Click').load(id));
        case 'Conversation':
          return shown(conversationOf, await byId('Conversation').load(id));
        case 'Conversion':
          return shown((conversion) => conversionOf(conversion, currency), await byId('Conversion').load(id));
        case 'Customer':
          return shown((customer) => customerOf(customer, currency), await loadVisible(byId('Customer'), id));
        case 'Link':
          return shown(linkOf, await loadVisible(byId('Link'), id));
        case 'Message':
          return shown(messageOf, await byId('Message').load(id));
        default:
          return null;
      }
    },
  };
}

const shown = <Row>(show: (row: Row) => object, row: Row | null): object | null => row && show(row);

const node = (type: NodeType, id: string) => ({
  __typename: type,
  id: encodeGlobalId(type, id),
  databaseId: id,
});

const agentOf = ({ id, name, email, avatarUrl, deactivatedAt, version, createdAt, updatedAt }: Agent) => ({
  ...node('Agent', id),
  name,
  email,
  avatarUrl,
  isActive: deactivatedAt === null,
  version,
  createdAt,
  updatedAt,
});

const campaignOf = ({ id, name, version, createdAt, updatedAt }: Campaign) => ({
  ...node('Campaign', id),
  name,
  version,
  createdAt,
  updatedAt,
});

const clickOf = ({ id, workspaceId: _workspaceId, clickId: externalId, ...click }: Click) => ({
  ...node('Click', id),
  externalId,
  ...click,
});

const conversionOf = (conversion: Conversion, baseCurrency: string) => ({
  ...node('Conversion', conversion.id),
  customerId: conversion.customerId,
  clickId: conversion.clickId,
  refundOfId: conversion.refundOfId,
  class: conversion.class,
  status: conversion.status,
  name: conversion.name,
  orderId: conversion.orderId,
  amount: { amountMinor: exactly(conversion.amountMinor), currency: conversion.currency },
  baseAmount: { amountMinor: exactly(conversion.baseAmountMinor), currency: baseCurrency },
  exchangeRate: conversion.rate,
  items: conversion.items,
  isImported: conversion.imported,
  version: conversion.version,
  occurredAt: conversion.occurredAt,
  createdAt: conversion.createdAt,
  updatedAt: conversion.updatedAt,
});

const linkOf = ({ id, name, url, campaignId, deletedAt, version, createdAt, updatedAt }: Link) => ({
  ...node('Link', id),
  name,
  url,
  campaignId,
  isDeleted: deletedAt !== null,
  version,
  createdAt,
  updatedAt,
});

const channelOf = ({ id, kind, name, address, version, createdAt, updatedAt }: Channel) => ({
  ...node('Channel', id),
  kind,
  name,
  address,
  version,
  createdAt,
  updatedAt,
});

const conversationOf = (conversation: Conversation) => ({
  ...node('Conversation', conversation.id),
  customerId: conversation.customerId,
  assigneeId: conversation.assigneeId,
  channelId: conversation.channelId,
  status: conversation.status,
  source: conversation.source,
  subject: conversation.subject,
  isUnread: conversation.unreadCount > 0,
  unreadCount: conversation.unreadCount,
  lastMessageAt: conversation.lastMessageAt,
  lastMessagePreview: conversation.lastMessagePreview,
  firstResponseAt: conversation.firstResponseAt,
  closedAt: conversation.closedAt,
  snoozedUntil: isSnoozed(conversation) ? conversation.snoozedUntil : null,
  externalId: conversation.externalId,
  version: conversation.version,
  createdAt: conversation.createdAt,
  updatedAt: conversation.updatedAt,
});

const customerOf = (customer: Customer, currency: string) => ({
  ...node('Customer', customer.id),
  uuid: customer.uuid,
  externalId: customer.externalId,
  email: customer.email,
  name: customer.name,
  phone: customer.phone,
  avatarUrl: customer.avatarUrl,
  status: customer.status,
  sentiment: customer.sentiment,
  notes: customer.notes,
  tags: customer.tags,
  metadata: customer.metadata,
  source: customer.source,
  conversationCount: customer.conversationCount,
  lastMessageAt: customer.lastMessageAt,
  lastMessagePreview: customer.lastMessagePreview,
  ltv: { amountMinor: exactly(customer.ltvMinor), currency },
  salesCount: customer.salesCount,
  firstSaleAt: customer.firstSaleAt,
  archivedAt: customer.archivedAt,
  version: customer.version,
  createdAt: customer.createdAt,
  updatedAt: customer.updatedAt,
});

const messageOf = (message: Message) => ({
  ...node('Message', message.id),
  conversationId: message.conversationId,
  direction: message.direction,
  isInternal: message.internal,
  author: { name: message.authorName, agentId: message.agentId },
  text: message.text,
  html: message.html,
  preview: message.preview,
  status: message.status,
  externalId: message.externalId,
  version: message.version,
  sentAt: message.sentAt,
  createdAt: message.createdAt,
  editedAt: message.editedAt,
});

/** As the graph writes 64-bit numbers: as a string where a JSON number would lose digits. */
export const exactly = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
