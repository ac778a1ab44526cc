import type { FormattedExecutionResult } from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { isWritten } from '../../execution/subscriptions/shared-answers.js';
import { withoutHttp } from './errors.js';
import type { Carried } from './socket.js';

type Answer = Parameters<NonNullable<ServerOptions['onNext']>>[4];

/** The payload of the message with this result; undefined to send the result unchanged. */
export function payloadOf(connection: Carried, answer: Answer): FormattedExecutionResult | undefined {
  if (isWritten(answer)) {
    // The message is serialised and sent without a pause in between, so this payload goes out with it.
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
