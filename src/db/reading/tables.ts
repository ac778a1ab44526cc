import type PrismaTypes from '../../generated/pothos.js';
import { Prisma } from '../../generated/prisma/client.js';
import { join, type RowValues, raw, type Sql } from '../database.js';

/** A row of a model, as the Prisma schema declares it. */
export type RowOf<Model extends Prisma.ModelName> = PrismaTypes[Model]['Shape'];

/** A table for read statements. */
export interface Table<Row> {
  /** The model of the Prisma schema. */
  readonly model: Prisma.ModelName;
  readonly name: Sql;
  /** A projection on the given columns, or on all of them. The same columns give the same object. */
  project(columns?: readonly string[]): Projection<Row>;
}

/** Some columns of a table in a fixed order: how to select them and how to read the result. */
export interface Projection<Row> {
  /** `alias."id", alias."name", …` */
  select(alias: string): Sql;
  /** The same with unique names: `alias."id" AS "alias.id", …` */
  selectNamed(alias: string): Sql;
  /** The row from values by name: the names of `selectNamed` if there is an alias, else the column names. */
  named(values: object, alias?: string): Row;
  /** The names of the columns, in that order. */
  readonly columns: readonly string[];
  /** How many values `select` returns. */
  readonly width: number;
  /** The row whose values begin at `offset`. It lacks the columns that were not selected. */
  row(values: RowValues, offset?: number): Row;
}

const tables: { [Model in Prisma.ModelName]?: Table<RowOf<Model>> } = {};

/** The table of a model, with its columns in the Prisma schema. */
export function tableOf<Model extends Prisma.ModelName>(model: Model): Table<RowOf<Model>> {
  const known = tables[model];
  if (known) return known;
  const made = table<RowOf<Model>>(model, Object.values(Prisma[`${model}ScalarFieldEnum` as const]));
  // Object.assign, because TypeScript allows reading a mapped type with a generic key, but not writing.
  Object.assign(tables, { [model]: made });
  return made;
}

export const isModel = (name: string): name is Prisma.ModelName => Object.hasOwn(Prisma.ModelName, name);

function table<Row extends object>(model: Prisma.ModelName, all: readonly string[]): Table<Row> {
  const everything = projection<Row>(all);
  const projections = new Map<string, Projection<Row>>();
  return {
    model,
    name: identifier(model),
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
}

function projection<Row extends object>(columns: readonly string[]): Projection<Row> {
  const lists = new Map<string, Sql>();
  return {
    columns,
    width: columns.length,
    select(alias) {
      let list = lists.get(alias);
      if (!list) {
        list = join(columns.map((column) => raw(`${alias}."${column}"`)));
        lists.set(alias, list);
      }
      return list;
    },
    selectNamed: (alias) => join(columns.map((column) => raw(`${alias}."${column}" AS "${alias}.${column}"`))),
    named(values, alias) {
      const given = new Map<string, unknown>(Object.entries(values));
      return this.row(columns.map((column) => given.get(alias === undefined ? column : `${alias}.${column}`)));
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

/** The SQL of one of our own table or column names. Never for a name from a client. */
export const identifier = (name: string): Sql => raw(`"${name}"`);

export const workspaces = tableOf('Workspace');
export const agents = tableOf('Agent');
export const apiKeys = tableOf('ApiKey');
export const channels = tableOf('Channel');
export const customers = tableOf('Customer');
export const conversations = tableOf('Conversation');
export const messages = tableOf('Message');
export const attachments = tableOf('MessageAttachment');
export const rejectedMails = tableOf('RejectedMail');
export const blockedSenders = tableOf('BlockedSender');
export const campaigns = tableOf('Campaign');
export const links = tableOf('Link');
export const clicks = tableOf('Click');
export const conversions = tableOf('Conversion');
export const events = tableOf('DomainEvent');
export const webhookEndpoints = tableOf('WebhookEndpoint');
export const webhookDeliveries = tableOf('WebhookDelivery');
export const webhookAttempts = tableOf('WebhookAttempt');
