import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { startConversation } from '../../graphql/mutations.js';
import type { Desk } from '../../kit/app.js';
import { mail } from '../../kit/mail.js';
import {
  eventually,
  type MailServer,
  openPostOffice,
  type PostOffice,
  type ReceivedLetter,
  startMailServer,
} from '../../kit/post-office.js';

/** Mails show the number of their conversation in the subject where the workspace wants it. */

const settle = graphql(`
  mutation ShowNumbers($shown: Boolean!) {
    updateWorkspace(input: { showsNumberInSubjects: $shown }) {
      workspace { showsNumberInSubjects }
      result
      userErrors { code path message }
    }
  }
`);
const say = graphql(`
  mutation SayNumbered($input: AddMessageInput!) {
    addMessage(input: $input) { message { databaseId } userErrors { code path message } }
  }
`);
const shown = graphql(`
  query ShownSubject($id: ID!) { conversation(id: $id) { number subject messages(last: 5) { nodes { text } } } }
`);

let server: MailServer;
let office: PostOffice;
let desk: Desk;

beforeAll(async () => {
  server = await startMailServer();
  office = await openPostOffice({ smtpUrl: server.url, outbox: '/dev/null/no-outbox' });
});
beforeEach(async () => {
  desk = await office.createDesk();
  await office.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  await desk.run(settle, { shown: true });
});
afterAll(async () => {
  await office.close();
  await server.close();
});

let count = 0;
/** An address that no other test writes to. */
const someone = (): string => {
  count += 1;
  return `numbered${count}@example.com`;
};

async function receive(headers: Record<string, string>) {
  count += 1;
  const body = Buffer.from(mail({ 'Message-ID': `<numbered-${count}@example.com>`, ...headers }));
  const posted = { contentType: 'message/rfc822', body, channelId: null };
  const taken = await office.services.inboundMail.take(desk.operator, posted);
  if ('error' in taken) throw taken.error;
  return taken;
}

const letterTo = (address: string, which = 0): Promise<ReceivedLetter> =>
  eventually(
    () => server.letters.filter(({ to }) => to.includes(address))[which] ?? expect.fail('It has not come yet.'),
  );

const seen = async (id: string) => (await desk.run(shown, { id })).conversation ?? expect.fail(`There is no ${id}.`);

/** A conversation that the team began with somebody, and its number. */
async function begun(subject = 'Billing question', email = someone()) {
  const input = { email, subject, text: 'Hello?' };
  const { startConversation: started } = await desk.run(startConversation, { input });
  const id = started.conversation?.databaseId ?? expect.fail(JSON.stringify(started.userErrors));
  return { id, email, number: (await seen(id)).number };
}

const answer = (conversationId: string) =>
  desk.run(say, { input: { conversationId, text: 'Ten seats.', direction: 'OUTBOUND' } });

describe('a mail that goes out', () => {
  test('shows the number, an answer behind its "Re:", and the conversation does not', async () => {
    const { id, email, number } = await begun();
    expect((await letterTo(email)).header('subject')).toBe(`[#${number}] Billing question`);
    await answer(id);
    expect((await letterTo(email, 1)).header('subject')).toBe(`Re: [#${number}] Billing question`);
    expect(await seen(id)).toMatchObject({ subject: 'Billing question' });
  });

  test('shows it once, also where the subject holds it already', async () => {
    const { email: first, number } = await begun();
    await letterTo(first);
    const { id, email } = await begun(`Re: [#${number + 1}] Billing question`);
    expect((await letterTo(email)).header('subject')).toBe(`Re: [#${number + 1}] Billing question`);
    await answer(id);
    expect((await letterTo(email, 1)).header('subject')).toBe(`Re: [#${number + 1}] Billing question`);
  });

  test('shows none by default, and none any more when the setting is off', async () => {
    const { id, email } = await begun();
    await letterTo(email);
    const off = { workspace: { showsNumberInSubjects: false }, result: 'UPDATED', userErrors: [] };
    expect((await desk.run(settle, { shown: false })).updateWorkspace).toEqual(off);
    await answer(id);
    expect((await letterTo(email, 1)).header('subject')).toBe('Re: Billing question');
  });
});

describe('a mail that comes in with a number and names no mail', () => {
  test('joins the conversation of that number if its sender takes part in it', async () => {
    const { id, email, number } = await begun();
    const subject = `AW: [#${number}] Billing question`;
    expect(await receive({ From: `Some One <${email.toUpperCase()}>`, Subject: subject })).toMatchObject({
      conversationId: id,
    });
    // Whoever was written to takes part as well.
    await receive({ From: email, Cc: 'omar@example.com', Subject: subject });
    expect(await receive({ From: 'omar@example.com', Subject: `Fwd: ${subject}` })).toMatchObject({
      conversationId: id,
    });
    expect(await seen(id)).toMatchObject({ subject: 'Billing question' });
  });

  test('begins another one, without the number, if anybody else wrote it', async () => {
    const { id, number } = await begun();
    const { conversationId } = await receive({ From: someone(), Subject: `Re: [#${number}] Billing question` });
    expect(conversationId).not.toBe(id);
    expect(await seen(conversationId)).toMatchObject({ subject: 'Re: Billing question' });
    const bare = await receive({ From: someone(), Subject: `[#${number}]` });
    expect(await seen(bare.conversationId)).toMatchObject({ subject: null });
  });

  test('keeps a number that names no conversation', async () => {
    const { number } = await begun();
    for (const subject of [`[#${number + 1000}] Their ticket`, '[#4000000000] Theirs', '[#012] Theirs', '#1 Theirs']) {
      const { conversationId } = await receive({ From: someone(), Subject: subject });
      expect(await seen(conversationId)).toMatchObject({ subject });
    }
  });

  test('is led nowhere if it bears the address of an agent, which others know', async () => {
    const { id, email, number } = await begun();
    const subject = `Re: [#${number}] Billing question`;
    const agent = someone();
    await office.services.agents.create(desk.operator, { name: 'Ada', email: agent });
    const forged = await receive({ From: agent, To: `help@desk.test, ${email}`, Subject: subject });
    expect(forged.conversationId).not.toBe(id);
  });

  test('the mail that it answers outranks the number', async () => {
    const { email, number } = await begun();
    const first = `<first-${number}@example.com>`;
    const { conversationId } = await receive({ From: email, Subject: 'Another', 'Message-ID': first });
    const answer = { From: email, Subject: `Re: [#${number}] Billing question`, 'In-Reply-To': first };
    expect(await receive(answer)).toMatchObject({ conversationId });
  });

  test('is as any mail in a workspace that shows no numbers', async () => {
    const { id, email, number } = await begun();
    await desk.run(settle, { shown: false });
    const { conversationId } = await receive({ From: email, Subject: `[#${number}] Billing question` });
    expect(conversationId).not.toBe(id);
    expect(await seen(conversationId)).toMatchObject({ subject: `[#${number}] Billing question` });
  });
});
