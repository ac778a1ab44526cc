import { expect, test } from 'vitest';
import { html } from '../../src/pages/html.js';

test('text in HTML stays text', () => {
  expect(html`<p title="${'"a" & <b>'}">${'<id>'}${null}${[html`<i>${1}</i>`]}</p>`.text).toBe(
    '<p title="&quot;a&quot; &amp; &lt;b&gt;">&lt;id&gt;<i>1</i></p>',
  );
});
