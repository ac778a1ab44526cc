import { expect, test } from 'vitest';
import { belowBase, originForm, withoutSlash } from '../../../src/lib/http/request-target.js';

test('what lies below a base path is found, and nothing that only begins like it', () => {
  expect(belowBase('/support', '/support')).toBe('/');
  expect(belowBase('/support?a=/b', '/support')).toBe('/?a=/b');
  expect(belowBase('/support/docs/keys?x', '/support')).toBe('/docs/keys?x');
  expect(belowBase('/a/b/graphql', '/a/b')).toBe('/graphql');
  for (const other of ['/', '/graphql', '/supportive', '/support.', '/Support/docs', '/x/support/docs']) {
    expect(belowBase(other, '/support')).toBeUndefined();
  }
});

test('without a base path everything lies below it', () => {
  for (const target of ['/', '/graphql', '/docs?x=1']) expect(belowBase(target, '')).toBe(target);
});

test('targets with a host, and slashes at the end, are as without', () => {
  expect(originForm('http://desk.example/docs?x')).toBe('/docs?x');
  expect(originForm('http://desk.example')).toBe('/');
  expect(originForm('http://desk.example?x')).toBe('/?x');
  expect(withoutSlash('/docs//?x')).toBe('/docs?x');
  expect(withoutSlash('/')).toBe('/');
});
