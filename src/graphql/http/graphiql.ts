import { createHash } from 'node:crypto';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { GraphiQLOptions, Plugin } from 'graphql-yoga';
import { type KeptContent, keepContent } from '../../lib/http/content/kept-content.js';
import { pageHeaders } from '../../lib/http/content/page-headers.js';

/** GraphiQL as it opens for a newcomer: a place for the key, and operations that answer on the demo data. */

const placeholder = 'Bearer YOUR_API_KEY';
const headers = JSON.stringify({ Authorization: placeholder }, null, 2);

// The lines fit the editor of a laptop's window, beside the result.
const examples: { query: string; variables?: object }[] = [
  {
    query: `# Welcome to Deskgraph!
#
# 1. Paste an API key over YOUR_API_KEY below.
#    The gateway prints one when it first starts.
# 2. Press Ctrl-Enter, or the button on the right.
# 3. The book on the left explains every field.
#
# The key serves the other tabs as well.

query Inbox {
  conversations(first: 20) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      databaseId
      subject
      status
      isUnread
      lastMessageAt
      contact { name email }
      assignee { name }
      messages(last: 3) {
        nodes { direction preview author { name } }
      }
    }
  }
}
`,
  },
  {
    query: `# What waits for an answer, the oldest first.
# The filter stands in the variables below.

query Waiting($filter: ConversationFilter) {
  conversations(
    first: 5
    filter: $filter
    orderBy: {
      field: LAST_MESSAGE_AT
      direction: ASC
    }
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      databaseId
      subject
      unreadCount
      lastMessagePreview
      contact { name }
      assignee { name }
    }
  }
}
`,
    variables: { filter: { status: { eq: 'OPEN' }, isUnread: true } },
  },
  {
    query: `# Customers with their latest conversation,
# the most active first.

query Customers {
  customers(
    first: 10
    orderBy: {
      field: LAST_ACTIVITY_AT
      direction: DESC
    }
  ) {
    nodes {
      databaseId
      name
      email
      tags
      conversationCount
      ltv { amountMinor currency }
      latestConversation {
        databaseId
        status
        lastMessagePreview
      }
    }
  }
}
`,
  },
  {
    query: `# Starts a conversation; run twice, it creates the
# contact once. What is wrong with the input comes
# back in userErrors: try an address without @.

mutation StartConversation {
  startConversation(
    input: {
      email: "ines@example.com"
      name: "Inês Prado"
      subject: "Welcome"
      text: "Hi Inês, how is your first day?"
    }
  ) {
    conversation { databaseId status }
    contact { name conversationCount }
    message { preview status }
    userErrors { code message path }
  }
}
`,
  },
];

export const graphiqlOptions: GraphiQLOptions = {
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

/** An operation in the form in which GraphiQL keeps its tabs. */
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
 * Runs first. GraphiQL keeps what was written in the browser for ever: its tabs, and in its history each operation with its
 * headers, whatever it is told. Here nothing of headers is kept, and what older pages have kept of them goes.
 */
const keepNoHeaders = `
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

/** A script may not end within a string of it. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/**
 * Runs before GraphiQL, which opens the operation in its storage, in the tab that has it. An operation behind the # of the
 * address, as the page of the REST endpoints links to it, is put there, with a tab beside those that are there.
 */
const openAsked = `
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
 * Runs in the page. Each tab of GraphiQL has headers of its own, and the schema is read once, when there is no key
 * yet. So the first key that works stands in for the placeholder wherever that is left, until the page is left, and the
 * schema is read anew.
 */
const script = `
  let known;
  const send = window.fetch.bind(window);
  window.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const given = headers.get('authorization');
    if (given === '${placeholder}') {
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

// GraphiQL means to move a tab while it is dragged, but a tab takes the focus at a place that it has left long ago,
// away from under the pointer, and the click that should open it is lost.
const style = '.graphiql-tab { transform: none !important; }';

interface Page {
  content: KeptContent;
  bytes: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

let made: Page | undefined;

/** The page with all it needs, several megabytes: it comes from no other host, and is put together once. */
function page(options: GraphiQLOptions = graphiqlOptions): Page {
  if (made) return made;
  const html = renderGraphiQL(options).replace(
    '<div id="root"></div>',
    (root) => `${root}\n<style>${style}</style>\n<script>{${keepNoHeaders}}{${openAsked}}\n${script}</script>`,
  );
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text = '']) => hashOf(text));
  // Its editor makes styles as it goes, and runs its languages in workers that it has with it.
  const sources = { scripts, styles: ["'unsafe-inline'"], fonts: ['data:'], workers: ['blob:'] };
  const bytes = new TextEncoder().encode(html);
  made = { bytes, content: keepContent(bytes), headers: pageHeaders(sources) };
  return made;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export const renderPage = (options: GraphiQLOptions): Uint8Array<ArrayBuffer> => page(options).bytes;

/** Sends the page with the headers that every page of ours has, coded, and not again to who has it. */
export const guardPage: Plugin = {
  async onResponse({ request, response, setResponse, fetchAPI }) {
    if (!response.headers.get('content-type')?.startsWith('text/html')) return;
    const { content, headers } = page();
    const { body, headers: known } = await content.answer({
      ifNoneMatch: request.headers.get('if-none-match'),
      acceptEncoding: request.headers.get('accept-encoding'),
    });
    const all = { ...headers, ...known };
    setResponse(
      body
        ? new fetchAPI.Response(body, { headers: { 'Content-Type': 'text/html', ...all } })
        : new fetchAPI.Response(null, { status: 304, headers: all }),
    );
  },
};
