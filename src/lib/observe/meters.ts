/**
 * The metrics of a process, for /metrics. Each label has few values, because a metrics store pays for every
 * combination.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { version } from '../process/root.js';
import { boundedNames } from './bounded.js';

/** The metrics of this process since its start. */
export const meters = new Registry();
const registers = [meters];

export const httpDuration = new Histogram({
  name: 'deskgraph_http_request_duration_seconds',
  help: 'Time from the arrival of a request to the end of its answer, by the pattern of its path.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers,
});

export const abortedRequests = new Counter({
  name: 'deskgraph_http_requests_aborted_total',
  help: 'Requests whose client went away before the answer was out.',
  registers,
});

export const operationDuration = new Histogram({
  name: 'deskgraph_graphql_operation_duration_seconds',
  help: 'Time that an operation of GraphQL took; of a subscription, how long it was open.',
  labelNames: ['operation', 'transport'],
  buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
  registers,
});

export const operationCost = new Counter({
  name: 'deskgraph_graphql_operation_cost_points_total',
  help: 'What operations of GraphQL cost, in points.',
  labelNames: ['operation'],
  registers,
});

export const errorsAnswered = new Counter({
  name: 'deskgraph_errors_total',
  help: 'Requests that were answered with errors, by the code of the error.',
  labelNames: ['code'],
  registers,
});

export const requestsByCredential = new Counter({
  name: 'deskgraph_requests_total',
  help: 'Requests and operations over WebSocket, by what they were sent with: a key, a session token, a sign-in, or none.',
  labelNames: ['credential'],
  registers,
});

export const requestsByClient = new Counter({
  name: 'deskgraph_client_requests_total',
  help: 'Requests of clients that tell their name and version.',
  labelNames: ['client', 'version'],
  registers,
});

export const statementDuration = new Histogram({
  name: 'deskgraph_sql_statement_duration_seconds',
  help: 'Time from handing a statement to the driver to its answer.',
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10],
  registers,
});

export const failedStatements = new Counter({
  name: 'deskgraph_sql_statements_failed_total',
  help: 'Statements that failed.',
  registers,
});

export const queriesByServer = new Counter({
  name: 'deskgraph_queries_total',
  help: 'Queries of GraphQL while there are replicas of the database, by the server that they read from: primary or replica.',
  labelNames: ['server'],
  registers,
});

export const replicaFallbacks = new Counter({
  name: 'deskgraph_replica_fallbacks_total',
  help: 'Statements that a replica did not answer, so that the primary was asked.',
  registers,
});

export const statementsOfRequest = new Histogram({
  name: 'deskgraph_sql_statements_per_request',
  help: 'Statements that were sent for a request. One that requests share counts for the first of them.',
  buckets: [0, 1, 2, 3, 5, 8, 13, 21, 50],
  registers,
});

export const jobDuration = new Histogram({
  name: 'deskgraph_job_duration_seconds',
  help: 'Time that a job took, by its kind and whether it is run again.',
  labelNames: ['kind', 'outcome'],
  buckets: [0.01, 0.05, 0.25, 1, 5, 15, 60],
  registers,
});

export const webhookAttempts = new Counter({
  name: 'deskgraph_webhook_attempts_total',
  help: 'Attempts to deliver a webhook: delivered, refused by the endpoint, or why it got no answer.',
  labelNames: ['outcome'],
  registers,
});

export const mailAttempts = new Counter({
  name: 'deskgraph_mail_attempts_total',
  help: 'Attempts to send an e-mail: sent, to be tried again, or given up.',
  labelNames: ['outcome'],
  registers,
});

export const inboundMails = new Counter({
  name: 'deskgraph_inbound_mails_total',
  help: 'Mails that were posted: created, known already, or rejected.',
  labelNames: ['outcome'],
  registers,
});

export const rejectedMails = new Counter({
  name: 'deskgraph_rejected_mails_total',
  help: 'Mails that became no message and were kept, by the reason.',
  labelNames: ['reason'],
  registers,
});

export const rateLimited = new Counter({
  name: 'deskgraph_rate_limited_total',
  help: 'What was refused for being too much, by the limit that it met.',
  labelNames: ['limit'],
  registers,
});

export const leakedKeys = new Counter({
  name: 'deskgraph_leaked_keys_total',
  help: 'What was reported as a key found in public, by what it is here: a key, a session token, or none.',
  labelNames: ['credential'],
  registers,
});

export const cacheReads = new Counter({
  name: 'deskgraph_cache_reads_total',
  help: 'Heavy reads, by whether their answer was kept.',
  labelNames: ['result'],
  registers,
});

const buildInfo = new Gauge({
  name: 'deskgraph_build_info',
  help: 'Always 1; the labels say what runs.',
  labelNames: ['version', 'node'],
  registers,
  aggregator: 'first',
});

buildInfo.set({ version, node: process.versions.node }, 1);

/** The operation names that get their own label value. */
export const operationNames = boundedNames(200, /^\w{1,64}$/);
export const clientNames = boundedNames(50);
export const clientVersions = boundedNames(100);
export const errorCodes = boundedNames(60, /^[A-Z_0-9]{1,64}$/);
