import { useEffect, useState } from 'preact/hooks';

/** The colours of canvas drawings, which style sheets do not affect. */

/**
 * The colour of a line by its age: from violet, the oldest, over blue and green to ochre, as different from each other
 * as possible.
 */
export function colourOf(place: number, among: number, isDark: boolean): string {
  const way = among < 2 ? 0.3 : place / (among - 1);
  const hue = Math.round(275 - way * 240);
  return isDark ? `hsl(${hue} 60% 66%)` : `hsl(${hue} 62% ${Math.round(48 - way * 8)}%)`;
}

export const ink = (isDark: boolean): { text: string; grid: string } =>
  isDark ? { text: '#aab4c2', grid: '#2b333e' } : { text: '#566172', grid: '#e3e7ed' };

const darkness = matchMedia('(prefers-color-scheme: dark)');

/** Whether the reader prefers dark colours. Follows changes. */
export function useDarkness(): boolean {
  const [isDark, setDark] = useState(darkness.matches);
  useEffect(() => {
    const follow = () => setDark(darkness.matches);
    darkness.addEventListener('change', follow);
    return () => darkness.removeEventListener('change', follow);
  }, []);
  return isDark;
}
