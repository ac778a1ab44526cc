/** The key that the page asks with: in this tab alone, until it is closed. */

const place = 'deskgraph:analytics-key';

export const rememberedKey = (): string => sessionStorage.getItem(place) ?? '';

export function rememberKey(key: string): void {
  if (key === '') sessionStorage.removeItem(place);
  else sessionStorage.setItem(place, key);
}
