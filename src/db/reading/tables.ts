import {
  type Agent,
  type Campaign,
  type Channel,
  type Click,
  type Conversation,
  type Conversion,
  type Customer,
  type DomainEvent,
  type Link,
  type Message,
  type MessageAttachment,
  Prisma,
  type WebhookAttempt,
  type WebhookDelivery,
  type WebhookEndpoint,
  type Workspace,
} from '../../generated/prisma/client.js';
import { join, type RowValues, raw, type Sql } from '../database.js';

/** A table as reads see it. */
export interface Table<Row> {
  /** The model of the Prisma schema that it keeps. */
  readonly model: string;
  readonly name: Sql;
  /** The given columns of the table, or all of them; the same projection for the same columns. */
  project(columns?: readonly string[]): Projection<Row>;
}

/** Some columns of a table, in a fixed order: what to select, and how to read it back. */
export interface Projection<Row> {
  /** `alias."id", alias."name", …` */
  select(alias: string): Sql;
  /** How many values `select` gives. */
  readonly width: number;
  /** The row whose values begin at `offset`. Columns that were not selected are missing in it. */
  row(values: RowValues, offset?: number): Row;
}

/** The tables by the model that they keep. */
export const tableOf = new Map<string, Table<object>>();

function table<Row extends object>(name: string, fields: Record<keyof Row & string, string>): Table<Row> {
  const all = Object.values<string>(fields);
  const everything = projection<Row>(all);
  const projections = new Map<string, Projection<Row>>();
  const made: Table<Row> = {
    model: name,
    name: identifier(name),
    project(columns) {
      if (!columns) return everything;
      const key = columns.join();
      let some = projections.get(key);
      if (!some) {
        some = projection<Row>(all.filter((column) => columns.includes(column)));
        projections.set(key, some);
      }
      return some;
    },
  };
  tableOf.set(name, made);
  return made;
}

function projection<Row extends object>(columns: readonly string[]): Projection<Row> {
  const lists = new Map<string, Sql>();
  return {
    width: columns.length,
    select(alias) {
      let list = lists.get(alias);
      if (!list) {
        list = join(columns.map((column) => raw(`${alias}."${column}"`)));
        lists.set(alias, list);
      }
      return list;
    },
    row(values, offset = 0) {
      const row: Record<string, unknown> = {};
      let place = offset;
      for (const column of columns) {
        row[column] = values[place];
        place += 1;
      }
      return row as Row;
    },
  };
}

/** A table or column name of our own as SQL; never a name that a client sent. */
export const identifier = (name: string): Sql => raw(`"${name}"`);

export const workspaces = table<Workspace>('Workspace', Prisma.WorkspaceScalarFieldEnum);
export const agents = table<Agent>('Agent', Prisma.AgentScalarFieldEnum);
export const channels = table<Channel>('Channel', Prisma.ChannelScalarFieldEnum);
export const customers = table<Customer>('Customer', Prisma.CustomerScalarFieldEnum);
export const conversations = table<Conversation>('Conversation', Prisma.ConversationScalarFieldEnum);
export const messages = table<Message>('Message', Prisma.MessageScalarFieldEnum);
export const attachments = table<MessageAttachment>('MessageAttachment', Prisma.MessageAttachmentScalarFieldEnum);
export const campaigns = table<Campaign>('Campaign', Prisma.CampaignScalarFieldEnum);
export const links = table<Link>('Link', Prisma.LinkScalarFieldEnum);
export const clicks = table<Click>('Click', Prisma.ClickScalarFieldEnum);
export const conversions = table<Conversion>('Conversion', Prisma.ConversionScalarFieldEnum);
export const events = table<DomainEvent>('DomainEvent', Prisma.DomainEventScalarFieldEnum);
export const webhookEndpoints = table<WebhookEndpoint>('WebhookEndpoint', Prisma.WebhookEndpointScalarFieldEnum);
export const webhookDeliveries = table<WebhookDelivery>('WebhookDelivery', Prisma.WebhookDeliveryScalarFieldEnum);
export const webhookAttempts = table<WebhookAttempt>('WebhookAttempt', Prisma.WebhookAttemptScalarFieldEnum);
