import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Case, fillFewRows, find } from '../../graphql/filters.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  await fillFewRows(testApp, desk);
});
afterAll(() => testApp.close());

describe('agents and channels', () => {
  test.each<Case>([
    ['', 'ada ben'],
    ['{ isActive: true }', 'ada'],
    ['{ isActive: false }', 'ben'],
    ['{ email: { eq: "ADA@desk.test" } }', 'ada'],
    ['{ id: { in: ["agt_ben"] } }', 'ben'],
    ['{ name: { eq: "Ben" } }', 'ben'],
  ])('agents: %s finds "%s"', async (filter, expected) =>
    expect(await find({ testApp, desk }, 'agents', filter)).toBe(expected),
  );
  test.each<Case>([
    ['', 'chat mail'],
    ['{ kind: { eq: CHAT } }', 'chat'],
    ['{ not: { kind: { in: [CHAT] } } }', 'mail'],
    ['{ id: { eq: "chn_mail" } }', 'mail'],
    ['{ name: { in: ["Chat"] } }', 'chat'],
  ])('channels: %s finds "%s"', async (filter, expected) =>
    expect(await find({ testApp, desk }, 'channels', filter)).toBe(expected),
  );
});
