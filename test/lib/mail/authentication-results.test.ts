import { describe, expect, test } from 'vitest';
import { authenticationFieldsOf, authenticationOf } from '../../../src/lib/mail/authentication-results.js';

const trusted = new Set(['mx.desk.test', 'mx2.desk.test']);

/** What is believed of a mail with these header fields, the topmost first. */
function read(...fields: string[]) {
  const header = fields.map((field) => ({
    name: field.slice(0, field.indexOf(':')).toLowerCase(),
    bytes: Buffer.from(field),
  }));
  return authenticationOf(authenticationFieldsOf(header), trusted);
}

const results = (value: string) => read(`Authentication-Results: ${value}`);
const none = { spf: null, dkim: null, dmarc: null };

describe('a field of a trusted server', () => {
  test.each([
    ['one method', 'mx.desk.test; spf=pass smtp.mailfrom=x.example', { spf: 'PASS' }],
    [
      'several',
      'mx.desk.test; spf=softfail smtp.mailfrom=x.example; dkim=fail (bad signature) header.d=x.example; dmarc=none',
      { spf: 'SOFTFAIL', dkim: 'FAIL', dmarc: 'NONE' },
    ],
    ['without a blank', 'mx.desk.test;spf=neutral;dkim=policy', { spf: 'NEUTRAL', dkim: 'POLICY' }],
    [
      'folded',
      'mx.desk.test;  \tspf=temperror\t smtp.mailfrom=a; \t dmarc = permerror',
      { spf: 'TEMPERROR', dmarc: 'PERMERROR' },
    ],
    ['with versions and in any case', 'MX.Desk.test 1; DKIM/1=Pass', { dkim: 'PASS' }],
    ['of a quoted server', '"mx.desk.test"; spf=pass', { spf: 'PASS' }],
    ['with comments in comments', 'mx.desk.test (a (b; spf=fail) \\) ;) ; (x) spf (y) = (z) pass', { spf: 'PASS' }],
    ['with its old word', 'mx.desk.test; spf=hardfail', { spf: 'FAIL' }],
    ['with a quoted property', 'mx.desk.test; spf=pass reason="a; dkim=pass \\"; dmarc=pass"', { spf: 'PASS' }],
    ['with other methods', 'mx.desk.test; iprev=fail; x-dkim=fail; arc=fail; dkim=none', { dkim: 'NONE' }],
    ['with several signatures', 'mx.desk.test; dkim=fail header.d=a; dkim=pass header.d=b', { dkim: 'PASS' }],
    ['with bad signatures', 'mx.desk.test; dkim=neutral header.d=a; dkim=fail header.d=b', { dkim: 'NEUTRAL' }],
    ['with the greeting first', 'mx.desk.test; spf=pass smtp.helo=a; spf=fail smtp.mailfrom=b', { spf: 'FAIL' }],
  ])('%s', (_name, value, expected) => {
    expect(results(value)).toEqual({ ...none, ...expected });
  });

  test.each([
    ['no result', 'mx.desk.test; none'],
    ['a word that means nothing', 'mx.desk.test; spf=bestguess'],
    ['another version', 'mx.desk.test 2; spf=pass'],
    ['a comment that nobody closed', 'mx.desk.test (; spf=pass'],
    ['nothing', ''],
  ])('with %s says nothing', (_name, value) => {
    expect(results(value)).toBeNull();
  });
});

describe('is believed', () => {
  test.each([
    ['another', 'mx.evil.test; spf=pass'],
    ['one below', 'a.mx.desk.test; spf=pass'],
    ['none that is named', 'spf=pass smtp.mailfrom=mx.desk.test; dkim=pass'],
    ['one in a comment', '(mx.desk.test) mx.evil.test; spf=pass'],
    ['one in a quote', '"mx.desk.test; spf=pass"; spf=pass'],
  ])('not what %s says', (_name, value) => {
    expect(results(value)).toBeNull();
  });

  test('the topmost field for each method, also when a trusted name stands below', () => {
    const [mine, forged] = ['mx.desk.test; spf=fail', 'mx.desk.test; spf=pass; dkim=pass'];
    expect(read(`Authentication-Results: ${mine}`, `Authentication-Results: ${forged}`)?.spf).toBe('FAIL');
  });

  test('each field with which the topmost stands, and none that the mail brought along', () => {
    expect(
      read(
        'Received: by store.desk.test',
        'Authentication-Results: mx2.desk.test; dmarc=fail',
        'DKIM-Filter: any',
        'Authentication-Results: mx.desk.test; spf=fail',
        'Received: from evil.test by mx.desk.test',
        'Authentication-Results: mx.desk.test; dkim=pass; spf=pass; dmarc=pass',
      ),
    ).toEqual({ spf: 'FAIL', dkim: null, dmarc: 'FAIL' });
  });

  test('a field below what other servers say', () => {
    const fields = [
      'Authentication-Results: a.test; spf=fail',
      'Received: x',
      'authentication-results: mx.desk.test; spf=pass',
    ];
    expect(read(...fields)).toEqual({ ...none, spf: 'PASS' });
  });

  test('nothing where nobody is trusted', () => {
    const bytes = Buffer.from('Authentication-Results: mx.desk.test; spf=pass');
    const fields = authenticationFieldsOf([{ name: 'authentication-results', bytes }]);
    expect(authenticationOf(fields, new Set())).toBeNull();
    expect(authenticationOf(fields, trusted)).not.toBeNull();
  });

  test('no more than fifty fields, and none that is longer than any server writes', () => {
    const other = Array.from({ length: 50 }, () => 'Authentication-Results: a.test; spf=pass');
    expect(read(...other, 'Authentication-Results: mx.desk.test; spf=pass')).toBeNull();
    expect(results(`mx.desk.test; spf=pass (${'x'.repeat(20_000)})`)).toBeNull();
  });
});
