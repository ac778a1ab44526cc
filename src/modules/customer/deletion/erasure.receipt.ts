/** The receipt of a deletion: what it did to each kind of data. */

export const erasureActions = ['REMOVED', 'BLANKED', 'MASKED'] as const;
export type ErasureAction = (typeof erasureActions)[number];

/** The tables and other places that hold personal data. */
export const erasedThings = [
  'Customer',
  'CustomerMerge',
  'Conversation',
  'Message',
  'MessageAttachment',
  'StoredFile',
  'RejectedMail',
  'BlockedSender',
  'Click',
  'Link',
  'Upload',
  'Conversion',
  'DomainEvent',
  'WebhookAttempt',
  'WebhookEndpoint',
  'IdempotencyRecord',
  'QueuedMail',
  'MailFile',
] as const;
export type ErasedThing = (typeof erasedThings)[number];

/** What a deletion did to one kind of data. */
export interface DeletionReceiptEntry {
  table: ErasedThing;
  action: ErasureAction;
  count: number;
}

export type DeletionMode = 'PURGE' | 'SCRUB';

/** The counts so far, as they are stored during the deletion. */
export type Counts = Partial<Record<`${ErasedThing} ${ErasureAction}`, number>>;

export function addCounts(counts: Counts, more: Counts): Counts {
  const sum = { ...counts };
  for (const name of Object.keys(more) as (keyof Counts)[]) sum[name] = (sum[name] ?? 0) + (more[name] ?? 0);
  return sum;
}

const anyMode: readonly (keyof Counts)[] = [
  'DomainEvent BLANKED',
  'WebhookAttempt BLANKED',
  'IdempotencyRecord BLANKED',
  'QueuedMail REMOVED',
  'MailFile REMOVED',
  'Customer MASKED',
  'Conversation MASKED',
  'Message MASKED',
  'MessageAttachment MASKED',
  'Click MASKED',
  'Conversion MASKED',
  'DomainEvent MASKED',
  'WebhookEndpoint MASKED',
];

/** The entries that a receipt of each mode always has, in this order, even when the count is 0. */
const told: Readonly<Record<DeletionMode, readonly (keyof Counts)[]>> = {
  PURGE: [
    'Customer REMOVED',
    'CustomerMerge REMOVED',
    'Conversation REMOVED',
    'Message REMOVED',
    'MessageAttachment REMOVED',
    'Click REMOVED',
    'Conversion REMOVED',
    ...anyMode,
  ],
  SCRUB: [
    'Customer BLANKED',
    'CustomerMerge REMOVED',
    'Conversation BLANKED',
    'Message BLANKED',
    'MessageAttachment REMOVED',
    'Click BLANKED',
    ...anyMode,
  ],
};

/** The entries that a receipt has only when the count is not 0. */
const toldWhereFound: readonly (keyof Counts)[] = [
  'StoredFile REMOVED',
  'RejectedMail REMOVED',
  'BlockedSender REMOVED',
  'BlockedSender MASKED',
  'Link MASKED',
  'Upload MASKED',
];

export const receiptOf = (mode: DeletionMode, counts: Counts): DeletionReceiptEntry[] =>
  [...told[mode], ...toldWhereFound.filter((name) => (counts[name] ?? 0) > 0)].map((name) => {
    const [table, action] = name.split(' ') as [ErasedThing, ErasureAction];
    return { table, action, count: counts[name] ?? 0 };
  });
