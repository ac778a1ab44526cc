import { isDeepStrictEqual } from 'node:util';
import { inputSequences } from './operations.js';
import { answers, send } from '../server/rival.js';

/** How many different inputs of each operation are compared. */
const comparedInputs = 5;

/**
 * @typedef {import('./measure.js').Contender} Contender
 * @typedef {import('./options.js').OperationName} OperationName
 */

/**
 * Refuses to go on unless all contenders answer every operation with the same content.
 * @param {Contender[]} contenders
 * @param {readonly OperationName[]} operations
 * @param {import('../database/dataset.js').Samples} samples
 */
export async function compareAnswers(contenders, operations, samples) {
  for (const operation of operations) {
    const [first, ...others] = contenders.filter(({ rival }) => answers(rival, operation));
    if (!first) continue;
    for (const { client } of contenders) await client.renew?.();
    const inputs = inputSequences(operation, samples, 1)[0] ?? [];
    for (const input of inputs.slice(0, comparedInputs)) {
      const expected = await answer(first, operation, input);
      if (expected === null || Object.keys(expected).length === 0) {
        throw new Error(`${first.rival.title} answers ${operation} with nothing`);
      }
      for (const other of others) {
        const actual = await answer(other, operation, input);
        if (!isDeepStrictEqual(actual, expected)) {
          throw new Error(
            `${other.rival.title} and ${first.rival.title} answer ${operation} ${JSON.stringify(input)} differently:\n` +
              firstDifference(actual, expected, operation),
          );
        }
      }
    }
  }
}

/**
 * @template {OperationName} Name
 * @param {Contender} contender
 * @param {Name} operation
 * @param {import('./operations.js').Inputs[Name]} input
 */
async function answer({ client, server }, operation, input) {
  return client.readers[operation](await send(server.origin, client.requests[operation](input)));
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} path
 * @returns {string | undefined}
 */
function firstDifference(actual, expected, path) {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  if (!isObject(actual) || !isObject(expected)) {
    return `${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  for (const key of keys) {
    const difference = firstDifference(actual[key], expected[key], `${path}.${key}`);
    if (difference) return difference;
  }
  return path;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isObject = (value) => typeof value === 'object' && value !== null;
