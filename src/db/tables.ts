import {
  type Agent,
  type Channel,
  type Conversation,
  type Customer,
  type Message,
  Prisma,
  type Workspace,
} from '../generated/prisma/client.js';
import { join, type RowValues, raw, type Sql } from './database.js';

/** A table as reads see it: its name, and its columns as the fields of one row type. */
export interface Table<Row> {
  readonly name: Sql;
  /** `alias."id", alias."name", …`: every column, in a fixed order. */
  columns(alias: string): Sql;
  /** How many values `columns` selects. */
  readonly width: number;
  /** The row whose values stand at `offset`, in the order of `columns`. */
  row(values: RowValues, offset?: number): Row;
}

function table<Row extends object>(name: string, fields: Record<keyof Row & string, string>): Table<Row> {
  const columns = Object.values<string>(fields);
  const selectLists = new Map<string, Sql>();
  return {
    name: identifier(name),
    width: columns.length,
    columns(alias) {
      let list = selectLists.get(alias);
      if (!list) {
        list = join(columns.map((column) => raw(`${alias}."${column}"`)));
        selectLists.set(alias, list);
      }
      return list;
    },
    row(values, offset = 0) {
      const row: Record<string, unknown> = {};
      for (let index = 0; index < columns.length; index += 1) row[columns[index] as string] = values[offset + index];
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
