// Prisma's client, as the servers that use it have it.
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';

/**
 * The client is generated when the bench starts.
 * @type {{ PrismaClient: new (options: { adapter: PrismaPg }) => Prisma }}
 */
const { PrismaClient } = createRequire(import.meta.url)('../.generated/prisma');

/**
 * The part of the generated client that is used here.
 * @typedef {Record<string, unknown> & { workspaceId: string, id: string }} Row
 * @typedef {object} Model
 * @property {(query: object) => Promise<Row[]>} findMany
 * @property {(query: object) => Promise<Row | null>} findFirst
 * @property {(query: object) => Promise<Row | null>} findUnique
 * @property {(query: object) => Promise<Row>} update
 * @property {(query: object) => Promise<Row>} upsert
 * @property {(query: object) => Promise<unknown>} createMany
 * @typedef {object} Models
 * @property {Model} customer
 * @property {Model} agent
 * @property {Model} conversation
 * @property {Model} message
 * @property {Model} domainEvent
 * @property {Model} apiKey
 * @typedef {Models & {
 *   $transaction: {
 *     (queries: Promise<Row>[]): Promise<Row[]>,
 *     <Result>(work: (tx: Transaction) => Promise<Result>, options: { maxWait: number, timeout: number }): Promise<Result>,
 *   },
 *   $queryRaw: Query,
 * }} Prisma
 * @typedef {Models & { $queryRaw: Query }} Transaction
 * @typedef {(text: TemplateStringsArray, ...values: unknown[]) => Promise<Row[]>} Query
 */

export const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 10 }) });
