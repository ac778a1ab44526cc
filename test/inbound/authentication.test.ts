import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, postMail } from '../kit/mail.js';

/** What the mail servers that the operator trusts found out about the sender of a mail is shown with its message. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer({ authservIds: new Set(['mx.desk.test']) });
  desk = await server.createDesk();
  await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
});
afterAll(() => server.close());

const getMessage = graphql(`
  query AuthenticatedMessage($id: ID!) { message(id: $id) { authentication { spf dkim dmarc } } }
`);

const showNumbers = graphql(`
  mutation ShowNumbersToForgers { updateWorkspace(input: { showsNumberInSubjects: true }) { result } }
`);
const getNumber = graphql(`query NumberForForgers($id: ID!) { conversation(id: $id) { number } }`);

let count = 0;
async function authenticationOf(headers: Record<string, string>) {
  count += 1;
  const { status, body } = await postMail(server, desk, mail({ 'Message-ID': `<auth-${count}@x.test>`, ...headers }));
  expect(status).toBe(201);
  return (await desk.run(getMessage, { id: body.messageId })).message?.authentication;
}

test('a message shows what a trusted server says, in its topmost field and folded', async () => {
  const fields =
    'mx.desk.test;\r\n\tspf=softfail smtp.mailfrom=x.test;\r\n dkim=pass (2048 bit)\r\nReceived: from x.test';
  expect(
    await authenticationOf({
      'Authentication-Results': fields,
      'authentication-results': 'mx.desk.test; spf=pass; dmarc=pass',
    }),
  ).toEqual({ spf: 'SOFTFAIL', dkim: 'PASS', dmarc: null });
});

test('it shows nothing of what others say, nor where nobody says anything', async () => {
  expect(await authenticationOf({ 'Authentication-Results': 'mx.x.test; spf=pass; dkim=pass; dmarc=pass' })).toBeNull();
  expect(await authenticationOf({ 'Authentication-Results': 'mx.desk.test; none' })).toBeNull();
  expect(await authenticationOf({})).toBeNull();
});

test('a field cannot be made of what another one holds', async () => {
  const subject = '=?utf-8?Q?a=0D=0AAuthentication-Results:_mx.desk.test;_spf=3Dpass?=';
  expect(await authenticationOf({ Subject: subject })).toBeNull();
});

/** The conversation of a mail with this subject, of which the trusted server says so. */
async function send(subject: string, result: string): Promise<string> {
  count += 1;
  const headers = { Subject: subject, 'Authentication-Results': `mx.desk.test; dmarc=${result}` };
  const { body } = await postMail(server, desk, mail({ 'Message-ID': `<auth-${count}@x.test>`, ...headers }));
  return body.conversationId;
}

test('a mail that was found to be forged does not go on with a conversation by its subject', async () => {
  const id = await send('The parcel of Monday', 'pass');
  expect(await send('Re: The parcel of Monday', 'fail')).not.toBe(id);
  const last = await send('Re: The parcel of Tuesday', 'pass');
  expect(await send('Re: The parcel of Tuesday', 'pass')).toBe(last);
});

test('a mail that was found to be forged is not led to a conversation by the number in its subject', async () => {
  await desk.run(showNumbers);
  const id = await send('Billing question', 'pass');
  const { conversation } = await desk.run(getNumber, { id });
  const subject = `Re: [#${conversation?.number}] Billing question`;
  expect(await send(subject, 'fail')).not.toBe(id);
  expect(await send(subject, 'pass')).toBe(id);
});
