import { describe, expect, test } from 'vitest';
import { safeHtml } from '../../src/lib/text/safe-html.js';
import { attributeOf, draws, expectHarmless, mixtures } from '../kit/safe-html.js';

const styles = [
  // Negative, however they are written.
  'margin:0 0-500px',
  'margin:0 -500px',
  'margin:-1px',
  'margin:1px-1px',
  'margin:0/**/-500px',
  'margin:0\\-500px',
  'margin:0 \\2d 500px',
  'margin:0,-500px',
  'margin:5e-1px-5e2px',
  'margin:-.5em',
  'margin:- 5px',
  'margin:+5px',
  'margin:-0px',
  'margin:calc(0px - 500px)',
  'margin:max(-500px,-1px)',
  'margin-left:-50%',
  'margin:0 0-500\\70 x',
  'MARGIN:0 0-500PX!IMPORTANT',
  'text-indent:-9999px',
  'letter-spacing:-99px',
  'line-height:-1',
  'border:1px solid red-1px',
  // Out of place, huge, or moving.
  'position:fixed;top:0;inset:0;z-index:9',
  'pos\\69tion:fixed',
  'p\\6fsition:absolute;color:red',
  'position/**/:/**/fixed',
  'transform:scale(99)',
  'translate:0 -99px',
  'rotate:1turn',
  'zoom:99',
  'width:99999px',
  'width:1e9px',
  'width:1e999px',
  'width:1e-9px',
  'font-size:9999in',
  'height:100vh',
  'height:99999%',
  'animation:a 1s',
  'all:unset',
  'content:"x"',
  // Functions and what loads.
  'background:url(https://a.test/)',
  'background-color:url(/logout)',
  'background-color:u\\72l(/logout)',
  'background-color:image-set("/logout" 1x)',
  'background-color:src("/logout")',
  'list-style:url(/logout)',
  'list-style:url("/logout"',
  'color:red;list-style-type:"x"',
  'width:expression(alert(1))',
  'width:exp/**/ression(alert(1))',
  'width:calc(1px*99999)',
  'width:var(--x)',
  'padding:env(safe-area-inset-top)',
  'width:attr(title px)',
  'color:rgb(var(--x))',
  'color:rgb(1,2,3',
  'color:rgb(1 2 3/50%)',
  'color:rgba(0,0,0,.5)',
  'color:hsl(120,50%,50%)',
  'color:rgb(-1,2,3)',
  'color:rgb(rgb(1,2,3))',
  'color:color-mix(in srgb,red,blue)',
  'color:\\72gb(1,2,3)',
  '-moz-binding:url(//evil.test)',
  'behavior:url(x.htc)',
  'filter:url(#a)',
  '@import "https://evil.test/a.css";color:red',
  '@import url(/logout)',
  // How declarations end.
  '--x:url(/logout);color:var(--x)',
  'color:red!important',
  'color:red ! important;color:blue !ie',
  'color:red}body{position:fixed',
  'color:red;{position:fixed};color:blue',
  'x:(;color:red);color:blue',
  'x:[;color:red;width:5px',
  'color:red;font-family:"a\n;position:fixed',
  "color:red;font-family:'a;position:fixed",
  'color:red;/*;position:fixed',
  'color:red;<!--;position:fixed;-->',
  'color:red;url(a"b);width:5px',
  'font-family:"x\\"",serif',
  "font-family:'x\\27 ;background:u\\72l(//evil.test)'",
  'font-family:"a\\00000ab",Arial',
  'font-family:\\31 23,Arial',
  'font-family:\\AA,Arial',
  'font-family:"\u5fae\u8f6f\u96c5\u9ed1",Arial',
  'font:italic bold 12px/1.5 "A B",serif',
  'c\\6f lor:re\\64',
  'color:\\72\\65\\64;width:5p\\78',
  'color:#12345g',
  'color:#\\66\\66\\66',
  'color:',
  ':red',
  'color red',
  ';;;',
  'width:5\\22 onload=x',
  'width:0constructor',
  'border-radius:5px/10px',
  `color:${'red '.repeat(3_000)}`,
  `font-family:${'a,'.repeat(2_400)}`,
];

const styleAttribute = (style: string): string => `<p style="${style.replaceAll('"', '&quot;')}">x</p>`;
const styleOf = (style: string): string | undefined => attributeOf(styleAttribute(style), 'style');

describe('styles of strangers', () => {
  test.each(styles)('%j moves nothing and loads nothing', (style) => {
    expectHarmless(styleAttribute(style));
  });

  test('put together from pieces move nothing and load nothing', () => {
    for (const style of mixtures(styles, /(?<=[:;,()"'\\/! -])/, 6_000)) expectHarmless(styleAttribute(style));
  });

  test.each([
    ['margin:0 0-500px', undefined],
    ['margin:0 10PX; padding:5px-5px', 'margin: 0 10px'],
    ['c\\6f lor:re\\64', 'color: red'],
    ['color:red ! important', 'color: red'],
    ['color:rgb(1 2 3/50%)', 'color: rgb(1 2 3 / 50%)'],
    ['color:rgb(1,2,3', 'color: rgb(1, 2, 3)'],
    ['x:(;color:red);color:blue', 'color: blue'],
    ['font:italic bold 12px/1.5 "A B",serif', "font: italic bold 12px / 1.5 'A B', serif"],
    ['width:1e2px;height:.5em;border-radius:99999px', 'width: 100px; height: 0.5em'],
    ['color:red;font-family:"a\n;position:fixed', 'color: red'],
  ])('%j is written as %j', (style, written) => {
    expect(styleOf(style)).toBe(written);
  });
});

describe('HTML of strangers', () => {
  test('stays as it is when it is made safe once more', () => {
    const tags = 'p a li h1 td th tr tbody table dd div b form x option svg button br hr html'.split(' ');
    const next = draws(5);
    const pick = (): string => tags[next(tags.length)] ?? '';
    for (let round = 0; round < 4_000; round += 1) {
      expectHarmless(Array.from({ length: 2 + next(12) }, () => `<${next(4) === 0 ? '/' : ''}${pick()}>x`).join(''));
    }
  });

  test('has no size that a page could not hold', () => {
    expect(safeHtml('<img width=99999999 height="50.5%" alt=""><td colspan="x" rowspan=2px>')).toBe(
      '<img width="10000" height="50%" alt=""><td rowspan="2"></td>',
    );
  });

  test.each([
    ['broken strings', `<p style='${'\n"'.repeat(2_490)}'>`],
    ['broken escapes', `<p style="${'\\\n'.repeat(2_490)}">`],
    ['brackets', `<p style="${'('.repeat(4_990)}">`],
    ['values', `<p style="font:${'a '.repeat(2_490)}">`],
    ['foreign hosts', `<a href="http://${'\u4e2d\u6587'.repeat(125)}">`],
    ['endless hosts', `<a href="http://${'\u4e2d\u6587'.repeat(2_490)}">`],
  ])('takes a moment for a mail full of %s', (_name, tag) => {
    const html = tag.repeat(500_000 / tag.length);
    const start = process.cpuUsage();
    safeHtml(html);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000_000).toBeLessThan(3);
  });
});
