import { badInput } from '../errors.js';
import { type Entity, idPrefixes } from './ids.js';

/** The node types of the graph, each with the entity whose plain id is in its global id. */
const entityOfType = {
  Workspace: 'Workspace',
  Agent: 'Agent',
  ApiKey: 'ApiKey',
  Channel: 'Channel',
  Customer: 'Customer',
  Contact: 'Customer',
  TrackedCustomer: 'Customer',
  Conversation: 'Conversation',
  Message: 'Message',
  MessageAttachment: 'MessageAttachment',
  RejectedMail: 'RejectedMail',
  BlockedSender: 'BlockedSender',
  Campaign: 'Campaign',
  Link: 'Link',
  Click: 'Click',
  Conversion: 'Conversion',
  AuditEntry: 'DomainEvent',
  WebhookEndpoint: 'WebhookEndpoint',
  WebhookDelivery: 'WebhookDelivery',
  WebhookAttempt: 'WebhookAttempt',
} as const satisfies Record<string, Entity>;

export type NodeType = keyof typeof entityOfType;
export type NodeEntity = (typeof entityOfType)[NodeType];

/** The entities that belong to a workspace. */
export type OwnedEntity = Exclude<NodeEntity, 'Workspace'>;

const nodeEntities: ReadonlySet<string> = new Set(Object.values(entityOfType));

export const isOwnedEntity = (name: string): name is OwnedEntity => name !== 'Workspace' && nodeEntities.has(name);

export const entityOf = (type: NodeType): NodeEntity => entityOfType[type];

/** The opaque id of a node, unique in the whole graph. */
export const encodeGlobalId = (type: NodeType, id: string): string =>
  Buffer.from(`${type}:${id}`, 'latin1').toString('base64url');

/** More than the longest type and plain id together. */
const maxIdLength = 300;

export interface NodeReference {
  type: NodeType;
  id: string;
}

/**
 * The node that an id identifies. The id is global or plain ("ctc_…"). A plain customer id identifies the Customer.
 * @throws BAD_USER_INPUT at `path` when it is invalid.
 */
export function readNodeId(value: string, path: readonly (string | number)[]): NodeReference {
  const plain = nodeReferenceOf(value);
  if (plain) return plain;
  const reference = globalReferenceOf(value);
  if (!reference) throw badInput(path, 'This is not an id.');
  return reference;
}

/**
 * The plain id of an entity from either form. The ids of all types of a customer are interchangeable.
 * @throws BAD_USER_INPUT at `path` when it is invalid or of another entity.
 */
export function readId(entity: NodeEntity, value: string, path: readonly (string | number)[]): string {
  const { type, id } = readNodeId(value, path);
  if (entityOfType[type] !== entity) throw badInput(path, `This is not the id of a ${wordsOf(entity).toLowerCase()}.`);
  return id;
}

/** The plain id of an entity if the text is one, in either form; undefined for any other text. */
export function idIn(entity: NodeEntity, text: string): string | undefined {
  const reference = nodeReferenceOf(text) ?? globalReferenceOf(text);
  return reference && entityOfType[reference.type] === entity ? reference.id : undefined;
}

function globalReferenceOf(value: string): NodeReference | undefined {
  if (value.length > maxIdLength) return undefined;
  const [, type, id] = /^([A-Za-z]+):(.+)$/.exec(Buffer.from(value, 'base64url').toString('latin1')) ?? [];
  const target = id === undefined ? undefined : nodeReferenceOf(id);
  if (!target || !isNodeType(type) || entityOfType[type] !== entityOfType[target.type]) return undefined;
  return { type, id: target.id };
}

/** "WebhookEndpoint" as "Webhook endpoint". */
export const wordsOf = (entity: NodeEntity): string =>
  entity.replace(/\B[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const plainForm = /^([a-z]{3})_[A-Za-z0-9_-]{1,120}$/;
const typeOfPrefix = new Map<string, NodeType>(
  (Object.entries(entityOfType) as [NodeType, NodeEntity][])
    .filter(([type, entity]) => entity !== 'Customer' || type === 'Customer')
    .map(([type, entity]) => [idPrefixes[entity], type]),
);

/** The node that a plain id identifies. A customer id gives a Customer. Undefined for any other text. */
export function nodeReferenceOf(id: string): NodeReference | undefined {
  const type = typeOfPrefix.get(plainForm.exec(id)?.[1] ?? '');
  return type && { type, id };
}

export const isNodeType = (type: string | undefined): type is NodeType =>
  type !== undefined && Object.hasOwn(entityOfType, type);
