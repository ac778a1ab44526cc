import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, multipart, postMail } from '../kit/mail.js';

/** Whatever is posted is answered, and what was taken in or kept is there again byte for byte. */

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const seed = Number(process.env.FUZZ_SEED ?? 20_261_129);
let state = seed;
/** The same numbers for the same seed. */
function random(below: number): number {
  state = createHash('sha256').update(`${state}`).digest().readUInt32LE();
  return state % below;
}
const oneOf = <Item>(items: readonly [Item, ...Item[]]): Item => items[random(items.length)] ?? items[0];

const encodings = ['7bit', 'base64', 'quoted-printable', '8bit', 'binary', 'x-unknown', ''] as const;
const types = [
  'text/plain',
  'text/html; charset=utf-16',
  'text/plain; charset=iso-2022-jp',
  'message/rfc822',
  'multipart/mixed; boundary=b',
  'multipart/alternative; boundary="b"',
  'multipart/report; boundary=b; report-type=delivery-status',
  'message/delivery-status',
  'application/pdf; name="\0.pdf"',
  'image/png',
  'text/calendar',
  'nonsense',
  '',
] as const;
const addresses = [
  'Jane <jane@example.com>',
  '',
  '<>',
  'a@b@c',
  '"\0" <x@y.example>',
  '\ufeff<j@x.example>',
  'help@desk.test',
  `${'x'.repeat(400)}@y.example`,
  '=?utf-8?B?/w==?= <q@x.example>',
] as const;

function someMail(): Buffer {
  const parts = Array.from({ length: random(4) }, () => {
    const headers = `Content-Type: ${oneOf(types)}\r\nContent-Transfer-Encoding: ${oneOf(encodings)}\r\nContent-ID: <\0${random(9)}>`;
    return `${headers}\r\n\r\n${someBytes(random(300)).toString('latin1')}`;
  });
  const text = mail(
    {
      From: oneOf(addresses),
      To: oneOf(['help@desk.test', 'nobody@x.example', 'help+x@desk.test', '']),
      Subject: someBytes(random(40))
        .toString('latin1')
        .replace(/[\r\n]/g, ' '),
      'Message-ID': oneOf([`<${random(1e9)}@x>`, '', '<\0>', '<1@example.com>']),
      'In-Reply-To': oneOf(['', '<1@example.com>', '<<>']),
      'Content-Type': oneOf(types),
      'Content-Transfer-Encoding': oneOf(encodings),
    },
    parts.length > 0 ? multipart('b', ...parts) : someBytes(random(200)).toString('latin1'),
  );
  return spoilt(Buffer.from(text, 'latin1'));
}

const someBytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random(256)));

/** Some bytes replaced, or the end cut off. */
function spoilt(bytes: Buffer): Buffer {
  if (random(2) === 0) return bytes;
  const copy = Buffer.from(bytes);
  for (let times = random(8); times > 0 && copy.length > 0; times -= 1) copy[random(copy.length)] = random(256);
  return random(4) === 0 ? copy.subarray(0, random(copy.length + 1)) : copy;
}

/** The body of a request, its media type, and the bytes that must be there again. */
function somePost(): { body: Buffer; contentType: string; raw: Buffer | null } {
  const raw = oneOf([someMail, someMail, someMail, () => someBytes(random(400))])();
  switch (random(5)) {
    case 0: {
      const body = Buffer.from(
        JSON.stringify({ RawEmail: raw.toString('latin1'), OriginalRecipient: oneOf(addresses) }),
      );
      return { body, contentType: 'application/json', raw: Buffer.from(raw.toString('latin1')) };
    }
    case 1: {
      const field = `--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n`;
      const body = Buffer.concat([Buffer.from(field), raw, Buffer.from('\r\n--x--\r\n')]);
      return { body, contentType: 'multipart/form-data; boundary=x', raw: raw.includes('--x') ? null : raw };
    }
    case 2:
      return { body: spoilt(raw), contentType: 'application/x-www-form-urlencoded', raw: null };
    default:
      return { body: raw, contentType: 'message/rfc822', raw };
  }
}

test(`any bytes are answered, and are there again (FUZZ_SEED=${seed})`, async () => {
  const desk = await server.createDesk();
  const { prisma } = server.database;
  const { workspaceId } = desk;
  await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  const seen = new Map<number, number>();
  for (let round = 0; round < 200; round += 1) {
    const { body, contentType, raw } = somePost();
    const answer = await postMail(server, desk, new Uint8Array(body), { contentType });
    const shown = `${contentType}\n${body.toString('latin1')}\n${JSON.stringify(answer.body)}`;
    seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
    expect([200, 201, 400, 404], shown).toContain(answer.status);
    const error = answer.body.error as unknown as { rejectedMailId?: string } | undefined;
    const id = answer.body.messageId ?? error?.rejectedMailId ?? '';
    expect(id, shown).toMatch(/^(?:msg|rjm)_/);
    // A mail that is known may have come with other headers.
    if (answer.status === 200) continue;
    const link = new URL(await server.services.files.links.urlOf(workspaceId, id));
    const response = await fetch(`${server.origin}${link.pathname}${link.search}`);
    expect(response.status, shown).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    const rejected = id.startsWith('rjm') ? await prisma.rejectedMail.findFirst({ where: { workspaceId, id } }) : null;
    const expected = rejected?.contentType === null || !rejected ? raw : body;
    if (expected) expect(bytes.equals(expected), shown).toBe(true);
  }
  expect(Math.min(seen.get(201) ?? 0, seen.get(400) ?? 0, seen.get(404) ?? 0)).toBeGreaterThan(5);
});
