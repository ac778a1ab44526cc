import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { slugOf } from './slug.js';

/** The site at /docs of a gateway, made of the same Markdown that can be read in the repository. */

/** What of the repository is a page, by its path there, and the path of the page. */
function pageOf(file) {
  const [, name] = /^docs\/(?:graphql\/)?([^/]+\.md)$/.exec(file) ?? [];
  if (file === 'README.md') return 'index.md';
  if (file.startsWith('docs/graphql/')) return `graphql/${name}`;
  if (name) return name.toLowerCase();
  if (/^(CHANGELOG|CONTRIBUTING|SECURITY)\.md$/.test(file))
    return file === 'SECURITY.md' ? 'report.md' : file.toLowerCase();
  if (file === 'examples/README.md') return 'examples.md';
  if (file === 'bench/README.md') return 'benchmarks.md';
  const [, example] = /^examples\/([^/]+)\/README\.md$/.exec(file) ?? [];
  return example ? `examples/${example}.md` : undefined;
}

/** Where a link of a file leads on the site; nothing for files that are no pages. */
function targetOf(file, link) {
  const [path = '', anchor] = link.split('#');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const target = posix.join(posix.dirname(file), path);
  if (target === 'schema.graphql') return { href: '/graphql/queries' };
  const page = pageOf(existsSync(posix.join(target, 'README.md')) ? posix.join(target, 'README.md') : target);
  return page && { href: `/${page.replace(/(index)?\.md$/, '')}${hash}` };
}

/** Links are by files of the repository; on the site they are by pages, and what is no page is no link. */
function leadToPages(md) {
  md.core.ruler.push('lead-to-pages', ({ tokens, env }) => {
    for (const { children } of tokens) {
      const open = [];
      for (const token of children ?? []) {
        if (token.type === 'link_close' && open.pop() === 'dropped') token.hidden = true;
        if (token.type !== 'link_open') continue;
        const link = token.attrGet('href') ?? '';
        const isRelative = !/^([a-z]+:|\/|#)/.test(link);
        const target = isRelative ? targetOf(env.realPath ?? env.relativePath, link) : undefined;
        if (target) token.attrSet('href', target.href);
        const isDropped = isRelative && !target;
        if (isDropped) Object.assign(token, { type: 'text', tag: '', nesting: 0, content: '', attrs: null });
        open.push(isDropped ? 'dropped' : 'kept');
      }
      if (children)
        for (const token of children) if (token.hidden) Object.assign(token, { type: 'text', nesting: 0, content: '' });
    }
  });
}

const page = (text, link) => ({ text, link });
const served = (text, link) => ({ text, link, target: '_self' });

const guides = [
  {
    text: 'Use it',
    items: [
      page('Start', '/start'),
      page('Read data', '/queries'),
      page('Change data', '/mutations'),
      page('Follow changes', '/subscriptions'),
      page('Receive webhooks', '/webhooks'),
      page('Send and receive e-mail', '/email'),
      page('Revenue and analytics', '/revenue'),
      page('Connect a client', '/clients'),
      page('Examples', '/examples'),
    ],
  },
  {
    text: 'REST',
    items: [
      page('All vendors', '/rest'),
      page('TidySupport', '/rest-tidysupport'),
      page('cStar', '/rest-cstar'),
      page('Linquid', '/rest-linquid'),
      served('Reference, to try out', '/rest-reference'),
    ],
  },
  {
    text: 'Run it',
    items: [
      page('Configuration', '/configuration'),
      page('Keys and scopes', '/keys'),
      page('What each scope shows', '/scopes'),
      page('Import and export', '/import-export'),
      page('Operation', '/operation'),
      page('Containers', '/container'),

      page('Security', '/security'),
      page('Upgrade', '/upgrade'),
      page('Change log', '/changelog'),
    ],
  },
  {
    text: 'GraphQL reference',
    collapsed: true,
    items: [
      'Queries',
      'Mutations',
      'Subscriptions',
      'Objects',
      'Lists',
      'Results',
      'Interfaces',
      'Inputs',
      'Enums',
      'Scalars',
    ].map((text) => page(text, `/graphql/${text.toLowerCase()}`)),
  },
  {
    text: 'Work on it',
    collapsed: true,
    items: [
      page('Contribute', '/contributing'),
      page('Architecture', '/architecture'),
      page('Testing', '/testing'),
      page('Benchmarks', '/benchmarks'),
    ],
  },
];

export default {
  title: 'Deskgraph',
  description: 'Documentation of the GraphQL gateway for customer support data',
  lang: 'en',
  base: '/docs/',
  srcDir: '..',
  srcExclude: ['{src,test,packages,scripts,prisma,ops}/**', 'bench/!(README.md)', 'bench/*/**'],
  outDir: '../dist/site',
  cacheDir: '../node_modules/.cache/vitepress',
  cleanUrls: true,
  // Scripts in the pages are named by their hashes when they are served, so that few are the better.
  metaChunk: true,
  rewrites: (id) => pageOf(id) ?? id,
  head: [['meta', { name: 'color-scheme', content: 'light dark' }]],
  markdown: {
    // The documents hold no HTML: what looks like it is text.
    html: false,
    anchor: { slugify: slugOf },
    config: leadToPages,
  },
  themeConfig: {
    search: { provider: 'local' },
    sidebar: guides,
    outline: [2, 3],
    nav: [page('Start', '/start'), page('GraphQL', '/graphql/queries'), served('REST', '/rest-reference')],
  },
};
