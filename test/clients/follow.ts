/** What the clients of graphql-ws and graphql-sse have in common. */
interface SubscribingClient {
  subscribe(request: FollowRequest, sink: FollowSink): () => void;
}

interface FollowRequest {
  query: string;
  variables: Record<string, unknown>;
}

interface FollowResult {
  data?: Record<string, unknown> | null;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
}

/** What every subscription tells, when it is asked for it. */
interface Change {
  seq: number | string;
}

interface FollowSink {
  next(result: FollowResult): void;
  error(error: unknown): void;
  complete(): void;
}

const breathMs = 200;

/**
 * Follows a subscription that has an argument `after`, for as long as it is wanted: whenever it is cut off, it goes on
 * from the last change. Returns what ends it.
 */
export function follow(client: SubscribingClient, { query, variables }: FollowRequest, sink: FollowSink): () => void {
  // The client sends these again when it connects anew.
  const request = { query, variables: { ...variables } };
  let leave = (): void => undefined;
  let again = false;
  let timer: ReturnType<typeof setTimeout>;
  const connect = (): void => {
    again = false;
    leave = client.subscribe(request, {
      next(result) {
        again = result.errors?.some(({ extensions }) => extensions?.retryable === true) ?? false;
        if (again) return;
        for (const change of Object.values(result.data ?? {})) request.variables.after = (change as Change).seq;
        sink.next(result);
      },
      error: (error) => sink.error(error),
      complete() {
        if (again) timer = setTimeout(connect, breathMs);
        else sink.complete();
      },
    });
  };
  connect();
  return () => {
    clearTimeout(timer);
    again = false;
    leave();
  };
}
