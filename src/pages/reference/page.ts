import type { OpenApiDescription } from '../../rest/openapi.js';
import { type Html, html, prose } from './html.js';
import { type RouteMatch, renderOperation, renderPlace } from './operation.js';

/** The routes of one tag. */
interface Chapter {
  tag: string;
  places: RouteMatch[];
}

/** The page that shows what is at /openapi.json: every route beside the GraphQL operation that gives the same. */
export function renderReference(description: OpenApiDescription, { graphiql }: { graphiql: boolean }): string {
  const groups = description['x-tagGroups'].map(({ name, tags }) => ({
    name,
    chapters: tags.map((tag) => ({ tag, places: placesOf(description, tag) })),
  }));
  const { text } = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>REST endpoints · Deskgraph</title>
    <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%233b6fd4' d='M1 9h4v6H1zM6 5h4v10H6zM11 1h4v14h-4z'/%3E%3C/svg%3E" />
    <link rel="stylesheet" href="pages/base.css" />
    <link rel="stylesheet" href="pages/docs.css" />
    <script type="module" src="pages/docs.js"></script>
  </head>
  <body>
    <a class="skip" href="#routes">Skip to the routes</a>
    <header>
      <h1>REST endpoints</h1>
      <nav aria-label="Other pages">
        ${graphiql ? html`<a href="graphql">GraphiQL</a>` : null}
        <a href="analytics">Analytics</a>
        <a href="openapi.json">OpenAPI document</a>
      </nav>
    </header>
    <div class="book">
      ${renderContents(groups)}
      <main id="routes">
        <p class="about">${prose(description.info.description)}</p>
        <p class="about">Every request bears <code>Authorization: Bearer YOUR_API_KEY</code>, here as at <code>/graphql</code>.</p>
        ${groups.map(
          ({ name, chapters }) => html`<section class="vendor" aria-label="${name}">
          <h2>${name}</h2>
          ${chapters.map((chapter) => renderChapter(chapter, graphiql))}
        </section>`,
        )}
      </main>
    </div>
  </body>
</html>
`;
  return text;
}

function renderContents(groups: readonly { name: string; chapters: Chapter[] }[]): Html {
  return html`<nav class="contents" aria-label="Routes">
    <label for="filter">Find a route</label>
    <input id="filter" type="search" placeholder="path or operation" autocomplete="off" />
    ${groups
      .flatMap(({ chapters }) => chapters)
      .map(
        ({ tag, places }) => html`<h2>${tag}</h2>
      <ul>${places.map(
        ({ method, path, operation: { operationId, summary } }) =>
          html`<li><a href="#${operationId}" title="${summary}">${renderPlace(method, shortened(path, places))}</a></li>`,
      )}</ul>`,
      )}
  </nav>`;
}

/** The path without the part in which all of the chapter lie, where that is long. */
function shortened(path: string, places: readonly RouteMatch[]): string {
  const parts = path.split('/');
  const isShared = (end: number) => places.every((place) => place.path.startsWith(`${parts.slice(0, end).join('/')}/`));
  const shared = parts.findLastIndex((_, end) => isShared(end));
  return shared < 4 ? path : `…/${parts.slice(shared).join('/')}`;
}

const renderChapter = ({ tag, places }: Chapter, graphiql: boolean): Html =>
  html`<section class="chapter"><h3>${tag}</h3>${places.map((place) => renderOperation(place, graphiql))}</section>`;

function placesOf({ paths }: OpenApiDescription, tag: string): RouteMatch[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(tag))
      .map(([method, operation]) => ({ method, path, operation })),
  );
}
