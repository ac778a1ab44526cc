import type { RequestOptions, Transport } from './transport.js';

/** A page of a list. */
export interface Paged<Item> {
  items: Item[];
  cursor: string | null;
  hasMore: boolean;
}

type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The path of one object of a list. @throws TypeError for an id that would change the path. */
export function one(list: string, id: string, name: string): string {
  if (typeof id !== 'string' || /^\.{0,2}$/.test(id)) throw new TypeError(`${name} must name something.`);
  return `${list}/${encodeURIComponent(id)}`;
}

/** A path with these query parameters. Undefined ones are left out. */
export const withQuery = (path: string, parameters: Parameters): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, `${value}`);
  return `${path}?${query}`;
};

/** All items of a list. Pages are fetched during iteration. */
export async function* pagesOf<Answer, Item>(
  send: Transport,
  { path, ...options }: RequestOptions & { path: string },
  parameters: Parameters,
  pageIn: (answer: Answer) => Paged<Item>,
): AsyncGenerator<Item, void> {
  for (let after: string | undefined; ; ) {
    const asked = withQuery(path, { ...parameters, cursor: after });
    const { items, cursor, hasMore } = pageIn(await send<Answer>({ ...options, method: 'GET', path: asked }));
    yield* items;
    if (!hasMore || cursor === null) return;
    after = cursor;
  }
}
