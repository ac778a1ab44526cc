import type { RequestOptions, Transport } from './transport.js';

/** A page of a list. */
export interface Paged<Item> {
  items: Item[];
  cursor: string | null;
  hasMore: boolean;
}

/** The path of one thing of a list. @throws TypeError at an id that would make it another path. */
export function one(list: string, id: string, name: string): string {
  if (/^\.{0,2}$/.test(id)) throw new TypeError(`${name} must name something.`);
  return `${list}/${encodeURIComponent(id)}`;
}

/** All of a list; the next page is fetched when it is come to. */
export async function* pagesOf<Item>(
  send: Transport,
  { path, ...options }: RequestOptions & { path: string },
  parameters: Readonly<Record<string, string | number | undefined>>,
  pageIn: (answer: unknown) => Paged<Item>,
): AsyncGenerator<Item, void> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, `${value}`);
  for (;;) {
    const { items, cursor, hasMore } = pageIn(await send({ ...options, method: 'GET', path: `${path}?${query}` }));
    yield* items;
    if (!hasMore || cursor === null) return;
    query.set('cursor', cursor);
  }
}
