import type { PageEntryFragment } from '../../../generated/pages/graphql.js';
import { hourOf, money, words } from '../format.js';

/** The text of an entry of the time line. */
interface StreamedEvent {
  title: string;
  amount?: string;
  details: readonly (string | null | undefined)[];
}

function tell({ click, conversion, conversation, message, change, changedFields }: PageEntryFragment): StreamedEvent {
  if (click) {
    const { source, utmMedium, referrer, url, link, campaign } = click;
    return {
      title: `Click from ${source}`,
      details: [campaign?.name, link?.name, utmMedium, referrer, link ? link.url : url],
    };
  }
  if (conversion) {
    const { name, orderId, status, amount, baseAmount, refundOf } = conversion;
    const isMoney = conversion.class === 'SALE';
    const inOther = amount.currency === baseAmount.currency ? null : `charged ${money(amount)}`;
    return {
      title: refundOf
        ? `Refund of ${refundOf.orderId ?? 'a sale'}`
        : [words(conversion.class), name].filter(Boolean).join(': '),
      ...(isMoney && { amount: money(baseAmount) }),
      details: [orderId, inOther, status === 'APPROVED' ? null : words(status)],
    };
  }
  if (conversation) {
    const { subject, source, status } = conversation;
    return { title: `Conversation: ${subject ?? 'no subject'}`, details: [words(source), words(status)] };
  }
  if (message) {
    const { direction, preview, author, conversation: thread } = message;
    const who = author.name ?? (direction === 'INBOUND' ? 'The customer' : 'The team');
    return { title: `${who} wrote`, details: [preview, thread?.subject] };
  }
  return { title: `Customer ${words(change ?? 'changed').toLowerCase()}`, details: [changedFields?.join(', ')] };
}

interface EntryLineProps {
  entry: PageEntryFragment;
  timezone: string;
}

export function EntryLine({ entry, timezone }: EntryLineProps) {
  const { title, amount, details } = tell(entry);
  const rest = details.filter(Boolean).join(' · ');
  return (
    <li class="entry" data-kind={entry.kind}>
      <time dateTime={entry.occurredAt}>{hourOf(entry.occurredAt, timezone)}</time>
      <div>
        <p>
          <strong>{title}</strong>
          {amount && <span class={amount.startsWith('-') ? 'amount loss' : 'amount'}>{amount}</span>}
        </p>
        {rest !== '' && <p class="details">{rest}</p>}
      </div>
    </li>
  );
}
