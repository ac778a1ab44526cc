import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import { expect } from 'vitest';
import { safeHtml } from '../../src/lib/text/safe-html.js';

/** What a browser makes of HTML: every element with its attributes, and the text. */
export function seen(html: string): { elements: { name: string; attributes: [string, string][] }[]; comments: number } {
  const elements: { name: string; attributes: [string, string][] }[] = [];
  let comments = 0;
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if (node.nodeName === '#comment') comments += 1;
    if ('tagName' in node) {
      elements.push({ name: node.tagName, attributes: node.attrs.map(({ name, value }) => [name, value]) });
    }
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(parseFragment(html));
  return { elements, comments };
}

/** Where the front end stands that shows the HTML: a mail must not reach it by the cookies of who reads. */
const desk = 'https://desk.example/app/';

/** A style of the form in which it is written, in which no parser can find anything else. */
const part = String.raw`(?:[a-z]\w*(?:-\w+)*|'[\p{L}\p{M}\p{N}_ .-]+'|#[\da-f]{3,8}|\d+(?:\.\d+)?(?:px|pt|pc|in|cm|mm|r?em|ex|ch|%)?|/)`;
const colour = String.raw`(?:rgb|hsl)a?\((?:\d+(?:\.\d+)?%?|, | / | )*\)`;
const value = `(?:${part}|${colour})(?:,? (?:${part}|${colour}))*`;
const declaration = `(?!position|inset|top|left|right|bottom|z-|-|transform|background:)[a-z]+(?:-[a-z]+)*: ${value}`;
const cleanStyle = new RegExp(`^${declaration}(?:; ${declaration})*$`, 'iu');

/** Expects that HTML, made safe, leads and moves nowhere, and stays as it is when it is made safe once more. */
export function expectHarmless(html: string): void {
  const safe = safeHtml(html) ?? '';
  for (const { attributes } of seen(safe).elements) {
    for (const [name, text] of attributes) {
      expect(name).not.toMatch(
        /^(?:action|background|cite|data|formaction|longdesc|on.*|ping|poster|srcset|usemap|.*:.*)$/,
      );
      if (name === 'href' || name === 'src')
        expectForeign(text, name === 'src' ? /^https?:$/ : /^(?:https?|mailto|tel):$/);
      if (name === 'style') expectCalm(text);
    }
  }
  expect(safeHtml(safe)).toBe(safe);
}

/** A browser goes where the text says, whatever page it stands in. */
function expectForeign(text: string, schemes: RegExp): void {
  const { protocol, origin, username, password, host, search, href } = new URL(text, desk);
  expect(href).toBe(text);
  expect(protocol).toMatch(schemes);
  expect(username + password).toBe('');
  expect(origin).not.toBe(new URL(desk).origin);
  if (/^http/.test(protocol)) expect(host).not.toBe('');
  if (protocol === 'tel:') expect(text).toMatch(/^tel:\+?\d+$/);
  if (protocol === 'mailto:') {
    expect(text).toMatch(/^mailto:[^\s@?]+@[^\s@?]+/);
    for (const header of new URLSearchParams(search).keys()) expect(header).toMatch(/^(?:subject|body)$/);
  }
}

function expectCalm(style: string): void {
  expect(style).toMatch(cleanStyle);
  for (const [number] of style.matchAll(/(?<![\w#'-])\d+(?:\.\d+)?/g))
    expect(Number(number)).toBeLessThanOrEqual(10_000);
}

/** An attribute of the first element of HTML that was made safe. */
export function attributeOf(html: string, name: string): string | undefined {
  const [element] = seen(safeHtml(html) ?? '').elements;
  return element?.attributes.find(([each]) => each === name)?.[1];
}

/** Numbers that look drawn, and are the same in each run. */
export function draws(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % most;
  };
}

/** Texts put together from pieces of others. */
export function mixtures(texts: readonly string[], cut: RegExp, rounds: number): string[] {
  const next = draws(11);
  const pieces = texts.filter((text) => text.length < 200).flatMap((text) => text.split(cut));
  return Array.from({ length: rounds }, () =>
    Array.from({ length: 2 + next(8) }, () => pieces[next(pieces.length)]).join(''),
  );
}
