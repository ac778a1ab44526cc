import { createHash } from 'node:crypto';
import type { GraphiQLOptions, Plugin } from 'graphql-yoga';
import { type KeptContent, keepContent } from '../../../lib/http/content/kept-content.js';
import { pageHeaders } from '../../../lib/http/content/page-headers.js';
import { examples, headers } from './examples.js';
import { inScript, keepNoHeaders, openAsked, sendKnownKey } from './scripts.js';

const options: GraphiQLOptions = {
  title: 'Deskgraph',
  defaultTabs: examples.map(({ query, variables }) => ({
    query,
    headers,
    variables: variables ? JSON.stringify(variables, null, 2) : null,
  })),
  defaultHeaders: headers,
  headers,
  isHeadersEditorEnabled: true,
  defaultEditorToolsVisibility: 'headers',
  shouldPersistHeaders: false,
  schemaDescription: true,
};

// GraphiQL moves a tab while it is dragged. A focused tab jumps to an outdated position away from the pointer, so the
// click that should open it is lost. This disables the movement.
const tabsStay = '.graphiql-tab { transform: none !important; }';

// GraphiQL's logo shows the name of the page, but it is not a heading and its contrast is too low. So the page has a
// heading for screen readers, and the logo gets a darker colour.
const style = `${tabsStay}
h1 { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); }
.graphiql-logo span { color: hsl(var(--color-neutral)); }`;

/** The language services of the editors run in workers, each loaded on first use. */
const workersBelow = (basePath: string) => ({
  editorWorkerService: `${basePath}/pages/graphiql-editor.js`,
  json: `${basePath}/pages/graphiql-json.js`,
  graphql: `${basePath}/pages/graphiql-graphql.js`,
});

/** The GraphiQL page for the GraphQL server. */
export interface GraphiqlPage {
  options: GraphiQLOptions;
  render(): Uint8Array<ArrayBuffer>;
  /** Sends the page with our usual headers, compressed, and answers 304 to a client that has it. */
  guard: Plugin;
}

interface Page {
  content: KeptContent;
  bytes: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

export function createGraphiqlPage(isSchemaPublic: boolean, basePath: string): GraphiqlPage {
  let made: Page | undefined;
  const page = (): Page => {
    made ??= makePage(isSchemaPublic, basePath);
    return made;
  };
  return {
    options,
    render: () => page().bytes,
    guard: {
      onResponse({ request, response, setResponse, fetchAPI }) {
        if (!response.headers.get('content-type')?.startsWith('text/html')) return undefined;
        const { content, headers } = page();
        const wanted = {
          ifNoneMatch: request.headers.get('if-none-match'),
          acceptEncoding: request.headers.get('accept-encoding'),
        };
        return content.answer(wanted).then(({ body, headers: known }) => {
          const all = { ...headers, ...known };
          setResponse(
            body
              ? new fetchAPI.Response(body, { headers: { 'Content-Type': 'text/html', ...all } })
              : new fetchAPI.Response(null, { status: 304, headers: all }),
          );
        });
      },
    },
  };
}

/** The page. Its scripts and styles are in files next to it, which the build copies from GraphiQL. */
function makePage(isSchemaPublic: boolean, basePath: string): Page {
  const scripts = [
    `{${keepNoHeaders}}{${openAsked}}\n${sendKnownKey(isSchemaPublic, basePath)}`,
    `self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => (${inScript(workersBelow(basePath))})[label] };`,
    `YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), ${inScript(options)});`,
  ] as const;
  const [before, environment, start] = scripts;
  const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Deskgraph</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${basePath}/pages/graphiql.css">
    <style>${style}</style>
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <main>
      <h1>GraphiQL</h1>
      <div id="root"></div>
    </main>
    <script>${before}</script>
    <script>${environment}</script>
    <script src="${basePath}/pages/graphiql.js"></script>
    <script>${start}</script>
  </body>
</html>
`;
  // The editor creates inline styles at run time.
  const headers = pageHeaders({
    scripts: ["'self'", ...scripts.map(hashOf)],
    styles: ["'self'", "'unsafe-inline'"],
    fonts: ['data:'],
    workers: ["'self'"],
  });
  const bytes = new TextEncoder().encode(page);
  return { bytes, content: keepContent(bytes), headers };
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
