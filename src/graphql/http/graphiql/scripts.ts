import { examples, headers, placeholder } from './examples.js';

/** Scripts that run in the page next to GraphiQL. */

/** An operation in the format in which GraphiQL stores its tabs. */
const kept = (id: string, query: string, variables: string | null) => ({
  id,
  title: /^(?:query|mutation) (\w+)/m.exec(query)?.[1],
  query,
  variables,
  headers,
  hash: null,
  operationName: null,
  response: null,
});

const tabs = examples.map(({ query, variables }, place) =>
  kept(`example-${place}`, query, variables ? JSON.stringify(variables, null, 2) : null),
);

/**
 * Runs first. GraphiQL stores tabs and a history of operations in the browser, both with their headers, even when it is
 * told not to. This prevents headers from being stored, and removes headers that older versions of the page have
 * stored.
 */
export const keepNoHeaders = `
  const isSecret = (name) => name === 'headers' || name === 'hash';
  const withoutHeaders = (name, value) => {
    if (name === 'graphiql:headers') return '';
    if (!['graphiql:tabState', 'graphiql:queries', 'graphiql:favorites'].includes(name)) return value;
    try {
      return JSON.stringify(JSON.parse(value, (key, part) => (isSecret(key) ? null : part)));
    } catch {
      return value;
    }
  };
  const setItem = Storage.prototype.setItem;
  Storage.prototype.setItem = function (name, value) {
    setItem.call(this, name, name.startsWith('graphiql:') ? withoutHeaders(name, value) : value);
  };
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith('graphiql:')) localStorage.setItem(name, localStorage.getItem(name));
  }
  localStorage.removeItem('graphiql:shouldPersistHeaders');
  sessionStorage.removeItem('deskgraph:authorization');
`;

/** JSON for a script element. "</script>" in a string would end the element. */
export const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/**
 * Runs before GraphiQL, which reads its tabs from the browser's storage. If the URL has an operation after the "#", as
 * links from the page of the REST endpoints do, it is stored in a new tab next to the existing ones.
 */
export const openAsked = `
  const asked = new URLSearchParams(location.hash.slice(1));
  if (asked.has('query')) {
    history.replaceState(null, '', location.pathname);
    const keep = (name, value) => localStorage.setItem('graphiql:' + name, value);
    const [query, variables] = [asked.get('query'), asked.get('variables')];
    const { tabs } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? 'null') ?? { tabs: ${inScript(tabs)} };
    const title = /(?:query|mutation|subscription) (\\w+)/.exec(query)?.[1] ?? 'Operation';
    const tab = { ...${inScript(kept('', '', null))}, id: Math.random().toString(36), title, query, variables };
    const twin = tabs.find((other) => other.query === query && other.variables === variables);
    keep('tabState', JSON.stringify({ tabs: twin ? tabs : [...tabs, tab], activeTabIndex: 0 }));
    keep('query', query);
    keep('variables', variables ?? '');
  }
`;

/**
 * Runs in the page. Each GraphiQL tab has its own headers, and GraphiQL reads the schema once, before there is a key.
 * So the first key that works replaces the placeholder in all tabs until the page is left, and the schema is read
 * again. A public schema is available without a key.
 */
export const sendKnownKey = (isSchemaPublic: boolean, basePath: string): string => `
  let known;
  const send = window.fetch.bind(window);
  const asksSchema = ({ body }) => typeof body === 'string' && JSON.parse(body).operationName === 'IntrospectionQuery';
  window.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const given = headers.get('authorization');
    if (given === '${placeholder}') {
      if (!known && ${isSchemaPublic} && asksSchema(init)) return send('${basePath}/schema.json');
      const message = 'Put an API key in the place of YOUR_API_KEY in the headers, then run the query.';
      if (!known) return Response.json({ errors: [{ message }] }, { status: 401 });
      headers.set('authorization', known);
    }
    const response = await send(input, { ...init, headers });
    if (response.ok && given && given !== '${placeholder}' && given !== known) {
      known = given;
      document.querySelector('button[aria-label^="Re-fetch"]')?.click();
    }
    return response;
  };
`;
