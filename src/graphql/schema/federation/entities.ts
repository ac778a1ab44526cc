import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../../../context.js';
import { entityOf, isNodeType, readId } from '../../../db/global-id.js';
import { badInput } from '../../../errors.js';
import { loadEach, loadNode } from '../node.js';
import { keyFields } from './sdl.js';

/** More than the rows of a gateway's largest page. Each representation also costs its points. */
export const maxRepresentations = 1_000;

/** The objects for the representations of a gateway, in their order; null for one that the workspace does not have. */
export function loadEntities(
  representations: readonly unknown[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<(object | null)[]> {
  if (representations.length > maxRepresentations) {
    throw badInput(['representations'], `At most ${maxRepresentations} representations.`);
  }
  return loadEach(representations.map((one, index) => loadEntity(one, ['representations', index], context, info)));
}

/** Asynchronous, so that an error in one representation does not affect the others. */
async function loadEntity(
  representation: unknown,
  path: readonly (string | number)[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<object | null> {
  const members: Readonly<Record<string, unknown>> = isRecord(representation) ? representation : {};
  const type = members.__typename;
  if (typeof type !== 'string' || !isNodeType(type)) {
    throw badInput([...path, '__typename'], 'This is no type that has keys here.');
  }
  // Some gateways send both key fields, with null for the one that they do not know.
  const key = keyFields.find((name) => members[name] != null) ?? 'id';
  const id = members[key];
  if (typeof id !== 'string') throw badInput([...path, key], 'Must be an id.');
  return loadNode(context, info, { type, id: readId(entityOf(type), id, [...path, key]) });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
