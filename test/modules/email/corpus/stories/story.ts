/** Stories of mails: what becomes of each where others came before it. */

/** What is right of a mail once it came. */
export interface Became {
  /** A message, the same mail as one that is there, or why it became none. */
  outcome: 'MESSAGE' | 'SAME' | 'NO_SENDER' | 'UNKNOWN_RECIPIENT' | 'TEAM_ONLY' | 'BLOCKED_SENDER' | 'SUSPENDED_SENDER';
  /** The step whose conversation it is in; null for a new one. */
  thread: string | null;
  /** Of that conversation after it. */
  status: 'OPEN' | 'CLOSED' | 'ARCHIVED';
  unread: number;
  direction: 'INBOUND' | 'OUTBOUND';
  isAutomatic: boolean;
}

/** A mail; `%` stands for the number of the story, and `$name` for the Message-ID of an earlier step. */
export interface MailStep {
  name: string;
  headers: Record<string, string>;
  body: string;
  wanted: Became;
}

/** What else happens to the conversation of an earlier step. */
export type Change =
  | { say: string; in: string }
  | { set: 'CLOSED' | 'ARCHIVED' | 'SNOOZED' | 'READ' | 'SUSPENDED' | 'DELETED'; of: string }
  | { passedOnAs: string; by: string }
  | { daysAgo: number; of: string };

export type Step = MailStep | Change;

export interface MailStory {
  name: string;
  steps: readonly Step[];
}

const plain: Became = {
  outcome: 'MESSAGE',
  thread: null,
  status: 'OPEN',
  unread: 1,
  direction: 'INBOUND',
  isAutomatic: false,
};

export const comes = (
  name: string,
  headers: Record<string, string> = {},
  wanted: Partial<Became> = {},
  body = `Hello, this is ${name}.`,
): MailStep => ({ name, headers, body, wanted: { ...plain, ...wanted } });

export const say = (name: string, conversationOf = 'first'): Change => ({ say: name, in: conversationOf });

/** A story that begins with a question of Jane's and an answer of the team, and ends with one more mail. */
export const afterAnswer = (
  name: string,
  headers: Record<string, string>,
  wanted: Partial<Became> = { thread: 'first' },
  body?: string,
  ...before: Step[]
): MailStory => ({
  name,
  steps: [comes('first'), say('answer'), { set: 'READ', of: 'first' }, ...before, comes('last', headers, wanted, body)],
});
