import { describe, expect, test } from 'vitest';
import { parseMail } from '../../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { type CorpusMail, plain, type Wanted } from './corpus/corpus.js';
import { files } from './corpus/files.js';
import { multiparts } from './corpus/multiparts.js';
import { people } from './corpus/people.js';
import { programs } from './corpus/programs.js';
import { reported } from './corpus/reported.js';
import { reportedTexts } from './corpus/reported-texts.js';
import { states } from './corpus/states.js';
import { texts } from './corpus/texts.js';

/**
 * A corpus of mails: of each, who wrote it, whom it is to, what it answers, what it says, its files and its state. The right
 * values are those that were written into the mail by the rules of RFC 2045 to 2049, 2231, 3464 and 5322, or are written by hand.
 */

const corpus: Readonly<Record<string, readonly CorpusMail[]>> = {
  texts,
  people,
  files,
  multiparts,
  programs,
  states,
  reported,
  reportedTexts,
};

async function read(raw: Buffer): Promise<Wanted> {
  const { from, recipients, answers, subject, text, attachments, contents, isAutomatic, report } = await parseMail(raw);
  return {
    from,
    recipients,
    answers,
    subject,
    text,
    files: attachments.map(({ fileName, contentType }, index) => ({
      fileName,
      contentType,
      // A part ends with the line break that the boundary begins with, which is not of the file.
      content: Buffer.from(contents[index]?.bytes ?? []).toString('base64'),
    })),
    isAutomatic,
    failure: report?.failure ? { code: report.failure.code, recipient: report.failure.recipient } : null,
  };
}

test('the corpus has at least 300 mails, no two alike', () => {
  const all = Object.values(corpus).flat();
  expect(all.length).toBeGreaterThanOrEqual(300);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(new Set(all.map(({ raw }) => raw.toString('latin1'))).size).toBe(all.length);
});

describe.each(Object.entries(corpus))('%s:', (_room, mails) => {
  test.each(mails.map((mail) => [mail.name, mail] as const))('%s', async (_name, { raw, wanted }) => {
    expect(await read(raw)).toEqual({ ...plain, ...wanted });
  });
});
