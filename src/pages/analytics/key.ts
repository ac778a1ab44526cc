/** Stores the key of the page in this tab only, until it is closed. */

const place = 'deskgraph:analytics-key';

export const rememberedKey = (): string => sessionStorage.getItem(place) ?? '';

export function rememberKey(key: string): void {
  if (key === '') sessionStorage.removeItem(place);
  else sessionStorage.setItem(place, key);
}
