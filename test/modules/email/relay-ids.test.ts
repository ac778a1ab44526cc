import { expect, test } from 'vitest';
import { relayIdIn } from '../../../src/modules/email/message-id.js';

test.each([
  [
    '250 Ok 0102018f0c2f3a4b-1c2d3e4f-5a6b-7c8d-9e0f-a1b2c3d4e5f6-000000',
    '0102018f0c2f3a4b-1c2d3e4f-5a6b-7c8d-9e0f-a1b2c3d4e5f6-000000',
  ],
  [
    '250 2.0.0 OK <DB7PR04MB5161234567890@DB7PR04MB516.eurprd04.prod.outlook.com> [Hostname=DB7PR04MB516]',
    'DB7PR04MB5161234567890@DB7PR04MB516.eurprd04.prod.outlook.com',
  ],
  [
    '250 2.6.0 <0c1d2e3f405162738495a6b7@x.example> [InternalId=123] Queued mail for delivery',
    '0c1d2e3f405162738495a6b7@x.example',
  ],
  ['250 OK: queued as 3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9', '3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9'],
  ['250 2.0.0 Ok: queued as 4F1aB2', null],
  ['250 Message for jane@example.com taken', null],
  ['250 OK', null],
])('the answer %s says the id %s', (answer, id) => {
  expect(relayIdIn(answer)).toBe(id);
});
