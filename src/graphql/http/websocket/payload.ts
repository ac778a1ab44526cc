import type { FormattedExecutionResult } from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { isWritten } from '../../execution/subscriptions/shared-answers.js';
import { withoutHttp } from './errors.js';
import type { Carried } from './socket.js';

type Answer = Parameters<NonNullable<ServerOptions['onNext']>>[4];

/** The payload of the message that brings an answer; undefined for the answer as it is. */
export function payloadOf(connection: Carried, answer: Answer): FormattedExecutionResult | undefined {
  if (isWritten(answer)) {
    // The message is written and sent in one go.
    const toJSON = (): number => {
      connection.payload = answer.utf8();
      return 0;
    };
    return { toJSON } as FormattedExecutionResult;
  }
  const { errors, ...result } = answer;
  return (
    errors && {
      ...(result as FormattedExecutionResult),
      errors: errors.map((error) => withoutHttp(error).toJSON()),
    }
  );
}
