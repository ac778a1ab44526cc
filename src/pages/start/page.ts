import { type Html, html } from '../html.js';

/** The page at "/": an overview for visitors who know only the address. */

export interface StartPageOptions {
  /** The path below which everything is served; empty if there is none. */
  basePath: string;
  version: string;
  /** Whether GraphiQL is served, so that the page can link to it. */
  graphiql: boolean;
  /** Whether the schema can be read. */
  hasSchema: boolean;
}

type Entry = [name: string, href: string | null, text: string];

const entries = (list: readonly Entry[], basePath: string): Html => html`<dl class="entries">
        ${list.map(
          ([name, href, text]) => html`<div>
          <dt>${href === null ? html`<code>${name}</code>` : html`<a href="${basePath}${href}">${name}</a>`}</dt>
          <dd>${text}</dd>
        </div>
        `,
        )}</dl>`;

export function renderStartPage({ basePath, version, graphiql, hasSchema }: StartPageOptions): string {
  const pages: Entry[] = [
    ...(graphiql
      ? [
          [
            'GraphiQL',
            '/graphql',
            'Write and run GraphQL operations, with the documentation beside them.',
          ] satisfies Entry,
        ]
      : []),
    ['Documentation', '/docs', 'Guides by task, the GraphQL reference, and a search over all of it.'],
    ['REST reference', '/docs/rest-reference', 'Every REST route, with samples, to try out with a key.'],
    ['Revenue analytics', '/analytics', 'Cohorts, lifetime value and customer journeys.'],
  ];
  const endpoints: Entry[] = [
    ['/graphql', null, 'GraphQL by POST and GET; subscriptions as server-sent events and over WebSocket.'],
    ...(hasSchema
      ? [['/schema.graphql', '/schema.graphql', 'The schema as text, for whoever has a key.'] satisfies Entry]
      : []),
    ['/openapi.json', '/openapi.json', 'The REST routes as OpenAPI 3.1.'],
    ['/inbound/email', null, 'Takes mails that come in.'],
  ];
  const state: Entry[] = [
    ['/health', '/health', 'Whether the process lives.'],
    ['/ready', '/ready', 'Whether it can serve: the database, its migrations, the jobs.'],
    ['/metrics', null, 'Counts for Prometheus, for operators alone.'],
  ];
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Deskgraph</title>
    <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%233b6fd4' d='M1 9h4v6H1zM6 5h4v10H6zM11 1h4v14h-4z'/%3E%3C/svg%3E" />
    <link rel="stylesheet" href="${basePath}/pages/base.css" />
    <link rel="stylesheet" href="${basePath}/pages/start.css" />
  </head>
  <body>
    <header>
      <h1>Deskgraph</h1>
      <p>Version ${version}</p>
    </header>
    <main>
      <p class="about">A GraphQL gateway for customer support data, with REST routes for integrations of TidySupport, cStar and
      Linquid. Requests bear <code>Authorization: Bearer YOUR_API_KEY</code>; <a href="${basePath}/docs/start">Start</a> tells where keys
      come from.</p>
      <h2>Pages</h2>
      ${entries(pages, basePath)}
      <h2>For programs</h2>
      ${entries(endpoints, basePath)}
      <h2>State</h2>
      ${entries(state, basePath)}
    </main>
  </body>
</html>
`.text;
}
