import type { Plugin, PromiseOrValue } from 'graphql-yoga';

/** The phases that may wait. */
type Phase =
  | 'onRequest'
  | 'onRequestParse'
  | 'onParams'
  | 'onExecute'
  | 'onSubscribe'
  | 'onExecutionResult'
  | 'onResultProcess'
  | 'onResponse';
type Hook<P> = (payload: P) => PromiseOrValue<void>;

/**
 * The plugins as one in the phases that may wait: its hooks call theirs, one after the other. Yoga makes promises, closures and a
 * payload for each hook of each request; with thirty plugins that was a third of what a small request allocates. Theirs share
 * a payload, in which each finds what those before it have set. How documents are parsed and validated never waits, and stays
 * with each plugin. Each plugin knows the context that it needs, so here as in Yoga any object is taken for one.
 */
export function joinPlugins(plugins: readonly object[]): Plugin[] {
  const all: readonly Plugin[] = plugins;
  const hooksOf = <Name extends Phase>(name: Name) => all.flatMap((plugin) => plugin[name] ?? []);
  return [
    {
      onRequest: inTurn(hooksOf('onRequest'), (payload, end) => {
        const { setRequest, setRequestHandler, endResponse } = payload;
        payload.setRequest = (request) => {
          payload.request = request;
          setRequest(request);
        };
        payload.setRequestHandler = (handler) => {
          payload.requestHandler = handler;
          setRequestHandler(handler);
        };
        payload.endResponse = (response) => {
          end();
          endResponse(response);
        };
      }),
      onRequestParse: inTurn(hooksOf('onRequestParse'), (payload, end) => {
        const { setRequestParser, endResponse } = payload;
        payload.setRequestParser = (parser) => {
          payload.requestParser = parser;
          setRequestParser(parser);
        };
        payload.endResponse = (response) => {
          end();
          endResponse(response);
        };
      }),
      onParams: inTurn(hooksOf('onParams'), (payload) => {
        const { setParams, setParamsHandler } = payload;
        payload.setParams = (params) => {
          payload.params = params;
          setParams(params);
        };
        payload.setParamsHandler = (handler) => {
          payload.paramsHandler = handler;
          setParamsHandler(handler);
        };
      }),
      onExecute: inTurn(hooksOf('onExecute'), (payload, end) => {
        const { setExecuteFn, setResultAndStopExecution } = payload;
        payload.setExecuteFn = (execute) => {
          payload.executeFn = execute;
          setExecuteFn(execute);
        };
        payload.setResultAndStopExecution = (result) => {
          end();
          setResultAndStopExecution(result);
        };
      }),
      onSubscribe: inTurn(hooksOf('onSubscribe'), (payload, end) => {
        const { setSubscribeFn, setResultAndStopExecution } = payload;
        payload.setSubscribeFn = (subscribe) => {
          payload.subscribeFn = subscribe;
          setSubscribeFn(subscribe);
        };
        payload.setResultAndStopExecution = (result) => {
          end();
          setResultAndStopExecution(result);
        };
      }),
      onExecutionResult: inTurn(hooksOf('onExecutionResult'), (payload) => {
        const { setResult } = payload;
        payload.setResult = (result) => {
          payload.result = result;
          setResult(result);
        };
      }),
      onResultProcess: inTurn(hooksOf('onResultProcess'), (payload) => {
        const { setResult, setResultProcessor } = payload;
        payload.setResult = (result) => {
          payload.result = result;
          setResult(result);
        };
        payload.setResultProcessor = (processor, mediaType) => {
          payload.resultProcessor = processor;
          setResultProcessor(processor, mediaType);
        };
      }),
      onResponse: inTurn(hooksOf('onResponse'), (payload) => {
        const { setResponse } = payload;
        payload.setResponse = (response) => {
          payload.response = response;
          setResponse(response);
        };
      }),
    },
    ...all.map(({ onParse, onValidate }) => ({ ...(onParse && { onParse }), ...(onValidate && { onValidate }) })),
  ];
}

/**
 * One hook of these. `share` has the setters of the payload change the payload as well, and calls `end` when no other hook shall follow.
 * @throws for a hook that wants to be called again when the phase has ended: there are phases for that.
 */
function inTurn<P>(
  hooks: readonly ((payload: P) => PromiseOrValue<unknown>)[],
  share: (payload: P, end: () => void) => void,
): Hook<P> {
  return (payload) => {
    let isEnded = false;
    share(payload, () => {
      isEnded = true;
    });
    return callEach(hooks.values(), (hook) => (isEnded ? undefined : hook(payload)));
  };
}

/** Without a promise as long as none waits. */
function callEach<T>(items: IterableIterator<T>, call: (item: T) => unknown): PromiseOrValue<void> {
  for (const item of items) {
    const answer = call(item);
    if (answer instanceof Promise) {
      return answer.then((late) => {
        expectNothing(late);
        return callEach(items, call);
      });
    }
    expectNothing(answer);
  }
}

function expectNothing(answer: unknown): void {
  if (answer !== undefined)
    throw new Error('A joined plugin answers nothing: another phase tells it of the end of this one.');
}
