import type { CombinedError } from '@urql/core';

/** An error in words for the reader of the page. */
export interface Problem {
  title: string;
  advice: string;
  /** Whether another key would help. */
  isOfKey: boolean;
}

interface Extensions {
  code?: unknown;
  requiredScope?: unknown;
  requiredEntitlement?: unknown;
}

const unreachable: Problem = {
  title: 'The gateway does not answer.',
  advice: 'It may be restarting, or your connection is gone. Try again in a moment.',
  isOfKey: false,
};

/** The problem that an error of the graph means; null when there was none. */
export function problemOf(error: CombinedError | undefined): Problem | null {
  if (!error) return null;
  const [first] = error.graphQLErrors;
  if (!first) return unreachable;
  return problemFor(first.extensions as Extensions, first.message);
}

function problemFor({ code, requiredScope }: Extensions, message: string): Problem {
  switch (code) {
    case 'UNAUTHENTICATED':
      return { title: 'This key opens nothing.', advice: message, isOfKey: true };
    case 'FORBIDDEN':
      return {
        title: 'This key may not see this.',
        advice: `It lacks the scope ${String(requiredScope)}. Use a key that has it, or have one made.`,
        isOfKey: true,
      };
    case 'ENTITLEMENT_REQUIRED':
      return {
        title: 'This workspace has no revenue tracking.',
        advice: 'Its plan does not include clicks, conversions and cohorts. Who runs the gateway can add them to it.',
        isOfKey: false,
      };
    case 'RATE_LIMITED':
      return { title: 'This key has asked too much just now.', advice: 'Try again in a moment.', isOfKey: false };
    case 'UNAVAILABLE':
    case 'SERVICE_UNAVAILABLE':
      return { title: 'The database is away.', advice: 'Try again in a moment.', isOfKey: false };
    case 'BAD_USER_INPUT':
      return { title: 'That cannot be asked.', advice: message, isOfKey: false };
    default:
      return { title: 'Something went wrong.', advice: message, isOfKey: false };
  }
}
