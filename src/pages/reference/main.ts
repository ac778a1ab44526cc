import { sdkCalls } from './sdk-calls.js';

/**
 * The REST reference: shows /openapi.json with the Scalar component, and the equivalent calls of the SDK and GraphQL.
 */

interface Operation {
  operationId: string;
  description: string;
  'x-graphql-document': string;
  'x-graphql-variables'?: unknown;
  'x-codeSamples'?: { lang: string; label: string; source: string }[];
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
}

/** The component, which another script defines. */
declare const Scalar: { createApiReference(place: string, configuration: object): void };

/** The data that the server added to the page: whether GraphiQL is served, and the base path. */
const { graphiql, base = '' } = document.body.dataset;

const sdkSample = (path: string, call: string): string => {
  const workspace = path.includes('{workspaceId}') ? ", workspaceId: 'YOUR_WORKSPACE_ID'" : '';
  // The lists of the SDK fetch their pages during iteration.
  const isPaged = /^(\w+\.list|contacts\.conversations)\(/.test(call) && call !== 'webhooks.list()';
  return `import { init } from '@deskgraph/sdk';

const tidysupport = init('YOUR_API_KEY', { baseUrl: '${location.origin}${base}'${workspace} });
${isPaged ? `for await (const one of tidysupport.${call}) console.log(one);` : `console.log(await tidysupport.${call});`}
`;
};

function complete(path: string, operation: Operation, hasGraphiql: boolean): void {
  const { 'x-graphql-document': query, 'x-graphql-variables': variables } = operation;
  if (hasGraphiql) {
    const asked = new URLSearchParams({
      query,
      ...(variables !== undefined && { variables: JSON.stringify(variables, null, 2) }),
    });
    operation.description += ` [Open it in GraphiQL](${base}/graphql#${asked.toString()}).`;
  }
  const call = sdkCalls[operation.operationId];
  if (call) operation['x-codeSamples'] = [{ lang: 'typescript', label: 'SDK', source: sdkSample(path, call) }];
}

const content = (await (await fetch(`${base}/openapi.json`)).json()) as Description;
for (const [path, methods] of Object.entries(content.paths)) {
  for (const operation of Object.values(methods)) complete(path, operation, graphiql === 'on');
}
Scalar.createApiReference('#reference', {
  content,
  // The page requests nothing from other hosts, and sends nothing to them.
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
  documentDownloadType: 'none',
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  hiddenClients: {
    c: true,
    clojure: true,
    csharp: true,
    dart: true,
    fsharp: true,
    go: true,
    http: true,
    java: true,
    kotlin: true,
    node: true,
    objc: true,
    ocaml: true,
    php: true,
    powershell: true,
    python: true,
    r: true,
    ruby: true,
    rust: true,
    swift: true,
    js: ['axios', 'jquery', 'ofetch', 'xhr'],
    shell: ['wget', 'httpie'],
  },
});
